import { readStatement } from "../crossguard/annotations.ts";
import type { Resource } from "../kubernetes/objects.ts";
import type { KubernetesPoliciesArgs } from "../policies.ts";
import { RunningPack, unknownObject, unknownText } from "./engine.ts";
import { namespace, workload } from "./network-support.ts";
import { containing, resource, restrictedSpec, type Json } from "./support.ts";

describe("an annotation is valid until the end of its day in UTC", () => {
  const at = (time: string) => readStatement("until 2027-01-31 because it is legacy", Date.parse(time)).state;
  test.each([
    ["2026-01-01T00:00:00Z", "valid"],
    ["2027-01-31T00:00:00Z", "valid"],
    ["2027-01-31T23:59:59.999Z", "valid"],
    ["2027-02-01T00:00:00Z", "expired"],
    ["2027-02-01T00:30:00+01:00", "valid"],
    ["2027-01-31T20:00:00-04:00", "expired"],
  ])("%s: %s", (time, state) => expect(at(time)).toBe(state));

  test.each([
    ["until 2028-02-29 because of x", { state: "valid", until: "2028-02-29", reason: "of x" }],
    ["until 2027-12-31 because a, b: c\nd", { state: "valid", until: "2027-12-31", reason: "a, b: c\nd" }],
  ])("%j is parsed", (text, expected) => expect(readStatement(text, Date.parse("2027-01-01"))).toEqual(expected));

  test.each([
    ...["", "it is legacy", "until 2027-01-31", "until 2027-01-31 because", "until 2027-01-31 because ", "true"],
    ...[
      "until 2027-02-29 because x",
      "until 2027-13-01 because x",
      "until 2027-00-10 because x",
      "until 2027-1-1 because x",
    ],
    ...[
      "until 31.01.2027 because x",
      "until 2027-01-31T12:00:00Z because x",
      "until tomorrow because x",
      "Until 2027-01-31 because x",
    ],
    ...[" until 2027-01-31 because x", "until 2027-01-31 because  \n ", "until 12027-01-31 because x"],
  ])("%j is malformed", (text) => expect(readStatement(text, 0)).toEqual({ state: "malformed" }));
});

describe("annotations of objects", () => {
  let pack: RunningPack;
  beforeAll(async () => {
    pack = await RunningPack.start();
  });
  afterAll(() => pack.stop());

  const valid = "until 9999-12-31 because it is the router";
  const expired = "until 2000-01-01 because it was the router";
  const allowed = { all: "mandatory", exemptions: { annotations: ["*"] } } as const;

  const pod = (annotations: unknown, spec: Json = { hostNetwork: true }): Resource =>
    resource("kubernetes:core/v1:Pod", {
      metadata: { name: "web", namespace: "front", annotations },
      spec: { ...restrictedSpec, ...spec },
    });
  const exempt = (control: string, text: unknown) => pod({ [`policies.bana/exempt-${control}`]: text });
  const path = (control: string) => `metadata.annotations["policies.bana/exempt-${control}"]`;
  const found = async (
    of: Resource,
    config: KubernetesPoliciesArgs = allowed,
    policies = ["pod-security", "exemptions"],
  ) => {
    await pack.configure(config);
    const all = (await pack.analyze(of)).filter(({ policy }) => policies.includes(policy));
    return all.map(({ policy, level, message }) => [policy, level, message]);
  };
  const violation = 'Pod front/web would violate PodSecurity "restricted:latest": host namespaces';

  test("a valid annotation exempts from its control; the violation is reported with reason and date", async () => {
    expect(await found(exempt("hostNamespaces", valid))).toEqual([
      [
        "pod-security",
        "advisory",
        containing(`Exempted (it is the router; until 9999-12-31, by annotation): ${violation}`),
      ],
    ]);
  });

  test("an annotation for a policy exempts from all of its controls", async () => {
    expect(await found(exempt("pod-security", valid))).toEqual([
      ["pod-security", "advisory", containing("Exempted (")],
    ]);
  });

  test("an expired annotation for a control does not override a valid one for its policy", async () => {
    const both = { "policies.bana/exempt-hostNamespaces": expired, "policies.bana/exempt-pod-security": valid };
    expect(await found(pod(both))).toEqual([["pod-security", "advisory", containing("Exempted (")]]);
  });

  test("an annotation for another control does not exempt", async () => {
    expect(await found(exempt("hostPorts", valid))).toEqual([["pod-security", "mandatory", containing(violation)]]);
  });

  test("an expired annotation does not exempt: the violation is reported with the expiry", async () => {
    const expiry = `The exemption expired: ${path("hostNamespaces")} ended on 2000-01-01 (it was the router).`;
    expect(await found(exempt("hostNamespaces", expired))).toEqual([["pod-security", "mandatory", containing(expiry)]]);
  });

  test("a malformed annotation exempts from nothing, and is reported", async () => {
    const format = 'its value must be "until YYYY-MM-DD because REASON"';
    expect(await found(exempt("hostNamespaces", "it is the router"))).toEqual([
      [
        "exemptions",
        "mandatory",
        containing(`Pod front/web has an exemption without effect (${path("hostNamespaces")}): ${format}.`),
      ],
      ["pod-security", "mandatory", containing(violation)],
    ]);
    expect(await found(exempt("hostNamespaces", 7))).toContainEqual(["exemptions", "mandatory", containing(format)]);
  });

  test("an annotation that names no policy or control is reported, with or without a violation", async () => {
    const compliant = pod({ "policies.bana/exempt-hostNetwork": valid, "example.com/exempt-x": "" }, {});
    expect(await found(compliant)).toEqual([
      ["exemptions", "mandatory", containing(`(${path("hostNetwork")}): it names no policy or control of this pack.`)],
    ]);
  });

  test("an unknown annotation turns the violation into an unknown result", async () => {
    const undecided = (where: string) => [
      ["pod-security", "advisory", containing(`${where} is unknown before the update and may exempt this.`)],
    ];
    expect(await found(exempt("hostNamespaces", unknownText))).toEqual(undecided(path("hostNamespaces")));
    expect((await found(pod(unknownObject)))[0]).toEqual(undecided(path("hostNamespaces"))[0]);
    const strict = { ...allowed, "pod-security": { unknown: "mandatory" } } as const;
    expect(await found(exempt("hostNamespaces", unknownText), strict)).toEqual([
      ["pod-security", "mandatory", containing(violation)],
    ]);
  });

  test("annotations are ignored unless the configuration allows them, for all controls or some", async () => {
    const off = [
      ["pod-security", "mandatory", containing(`${path("hostNamespaces")} has no effect: "annotations" of the policy`)],
    ];
    const annotated = exempt("hostNamespaces", valid);
    expect(await found(annotated, { all: "mandatory" })).toEqual(off);
    expect(await found(exempt("hostNamespaces", "?"), { all: "mandatory" })).toEqual(off);
    expect(await found(annotated, { all: "mandatory", exemptions: { annotations: ["probes"] } })).toEqual(off);
    for (const annotations of [["hostNamespaces"], ["host*"], ["pod-security"]])
      expect(await found(annotated, { all: "mandatory", exemptions: { annotations } })).toEqual([
        ["pod-security", "advisory", containing("Exempted (")],
      ]);
  });

  test("annotations of the pod template exempt from nothing", async () => {
    const web = workload("front", "web", { spec: { hostNetwork: true } });
    const props = web.props as { spec: { template: { metadata: Json } } };
    props.spec.template.metadata.annotations = { "policies.bana/exempt-hostNamespaces": valid };
    expect(await found(web)).toEqual([["pod-security", "mandatory", containing("host namespaces")]]);
  });

  test("annotations also exempt list items, containers, namespaces and stack policies", async () => {
    const annotations = Object.fromEntries(
      ["hostNamespaces", "image-tag", "default-deny", "pod-disruption-budget", "service-account-token"].map(
        (control) => [`policies.bana/exempt-${control}`, valid],
      ),
    );
    const item = pod(annotations, {
      hostNetwork: true,
      containers: [{ ...restrictedSpec.containers[0], image: "nginx" }],
    });
    const annotate = (of: Resource): Resource => {
      const props = of.props as { metadata: Json };
      return { ...of, props: { ...props, metadata: { ...props.metadata, annotations } } };
    };
    const list = { ...resource("kubernetes:core/v1:PodList", { items: [item.props] }) };
    await pack.configure(allowed);
    const all = await pack.analyzeAll([
      list,
      annotate(namespace("front")),
      annotate(workload("front", "a", { replicas: 2 })),
    ]);
    const exempted = all.filter(({ message }) => message.includes("Exempted ("));
    const text = exempted.map(({ policy, message }) => `${policy}: ${message}`).join("\n");
    for (const each of ["pod-security", "image-tag", "network", "pod-disruption-budget", "service-account-token"])
      expect(text).toContain(`${each}: `);
    expect(exempted.every(({ level }) => level === "advisory")).toBe(true);
  });

  test("remediation skips exempted objects if `exemptions` is set to remediate", async () => {
    const bare = pod({ "policies.bana/exempt-pod-security": valid }, { securityContext: {} });
    const exemptions = { enforcementLevel: "remediate", annotations: ["*"] } as const;
    await pack.configure({ "pod-security": "remediate", exemptions });
    expect(await pack.remediate(bare)).toBeUndefined();
    await pack.configure({ "pod-security": "remediate" });
    expect(await pack.remediate(bare)).toBeDefined();
  });
});
