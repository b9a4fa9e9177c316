import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { KubernetesPoliciesArgs } from "../../policies.ts";
import { containing, restrictedSpec, type Json } from "../support.ts";
import { Pulumi } from "./pulumi.ts";

/** Evaluates exported states (`pulumi stack export`) without the programs. */
const hasPulumi = spawnSync("pulumi", ["version"]).status === 0;
const suite = hasPulumi ? describe : describe.skip;

const strict: KubernetesPoliciesArgs = { all: "disabled", "pod-security": "mandatory" };

suite("pulumi policy analyze", () => {
  const pulumi = new Pulumi();
  afterAll(() => pulumi.remove());

  const analyze = (state: string, config?: KubernetesPoliciesArgs) =>
    pulumi.run(["policy", "analyze", "--file", state, ...pulumi.packOptions(config)]);

  /** Writes the exported state of a stack with these resources. */
  function exported(
    ...resources: readonly { readonly type: string; readonly name: string; readonly inputs: unknown }[]
  ): string {
    const stack = { type: "pulumi:pulumi:Stack", name: "shop-dev", inputs: {} };
    const states = [stack, ...resources].map(({ type, name, inputs }) => ({
      urn: `urn:pulumi:dev::shop::${type}::${name}`,
      type,
      custom: type !== stack.type,
      ...(type !== stack.type && { id: name, parent: `urn:pulumi:dev::shop::${stack.type}::${stack.name}` }),
      inputs,
      outputs: inputs,
    }));
    const manifest = { time: "2026-01-01T00:00:00Z", magic: "", version: "" };
    return pulumi.write("state.json", JSON.stringify({ version: 3, deployment: { manifest, resources: states } }));
  }

  const violating = () => exported(pod({ ...restrictedSpec, hostNetwork: true }));

  test("violations are advisory by default", async () => {
    const { code, output } = await analyze(violating());
    expect(code).toBe(0);
    expect(output).toMatch(/\[advisory\].*pod-security/);
  });

  test("with a mandatory policy, a violation fails with object, reason and fix", async () => {
    const { code, output } = await analyze(violating(), strict);
    expect(code).not.toBe(0);
    expect(output).toContain(
      'Pod shop/web would violate PodSecurity "restricted:latest": host namespaces (hostNetwork=true)',
    );
    expect(output).toContain("Fix: remove hostNetwork, hostPID and hostIPC.");
    expect(output).toContain("[mandatory]");
  });

  test("an exempted violation passes and is reported", async () => {
    const exemptions = [{ namespace: "shop", control: "hostNamespaces", reason: "it is the router" }];
    const config: KubernetesPoliciesArgs = {
      ...strict,
      "pod-security": { enforcementLevel: "mandatory", exemptions },
    };
    expect(await analyze(violating(), config)).toMatchObject({
      code: 0,
      output: containing("Exempted (it is the router): Pod shop/web"),
    });
  });

  test("an annotation exempts its object until its date, if the configuration allows it", async () => {
    const annotated = (until: string) => {
      const annotations = { "policies.bana/exempt-hostNamespaces": `until ${until} because it is the router` };
      return exported(pod({ ...restrictedSpec, hostNetwork: true }, annotations));
    };
    const allowing: KubernetesPoliciesArgs = {
      ...strict,
      exemptions: { enforcementLevel: "mandatory", annotations: ["hostNamespaces"] },
    };
    expect(await analyze(annotated("9999-12-31"), allowing)).toMatchObject({
      code: 0,
      output: containing("Exempted (it is the router; until 9999-12-31, by annotation): Pod shop/web"),
    });
    for (const [until, config, expected] of [
      ["2000-01-01", allowing, "The exemption expired"],
      ["9999-12-32", allowing, 'its value must be "until YYYY-MM-DD because REASON"'],
      ["9999-12-31", strict, "has no effect"],
    ] as const) {
      const { code, output } = await analyze(annotated(until), config);
      expect({ until, failed: code !== 0, output }).toEqual({ until, failed: true, output: containing(expected) });
    }
  });

  test("an exemption without a reason is rejected", async () => {
    const config = { "pod-security": { exemptions: [{ namespace: "shop" }] } } as unknown as KubernetesPoliciesArgs;
    const { code, output } = await analyze(violating(), config);
    expect(code).not.toBe(0);
    expect(output).toContain("reason");
  });

  test("a stack without Kubernetes passes all policies as mandatory", async () => {
    const bucket = { type: "aws:s3/bucket:Bucket", name: "data", inputs: { spec: { containers: [] } } };
    expect(await analyze(exported(bucket), { all: "mandatory" })).toMatchObject({ code: 0 });
  });

  test.each(["python", "yaml"])("violations in the state of a %s program are reported", async (language) => {
    const state = join(__dirname, "states", `${language}.json`);
    const config: KubernetesPoliciesArgs = { ...strict, "pod-security-namespace": "mandatory" };
    const { code, output } = await analyze(state, config);
    expect(code).not.toBe(0);
    const title = `Deployment shop-${language}/web`;
    expect(output).toContain(
      `${title} would violate PodSecurity "restricted:latest": host namespaces (hostNetwork=true)\n`,
    );
    expect(output).toMatch(new RegExp(`Namespace shop-${language}.*pod-security.kubernetes.io/enforce`, "s"));
    const exemptions = [
      { namespace: "shop-*", reason: "not migrated yet" },
      { kind: "Namespace", name: "shop-*", reason: "not migrated yet" },
    ];
    expect(
      await analyze(state, { ...config, exemptions: { enforcementLevel: "advisory", list: exemptions } }),
    ).toMatchObject({
      code: 0,
      output: containing(`Exempted (not migrated yet): ${title}`),
    });
  });

  test("a secret spec that cannot be decrypted is unknown, not a violation", async () => {
    const { code, output } = await analyze(
      exported({ ...pod({}), inputs: { metadata: {}, spec: "[secret]" } }),
      strict,
    );
    expect({ code, output }).toMatchObject({ code: 0, output: containing("was checked only in part") });
  });
});

function pod(spec: Json, annotations: Json = {}) {
  return {
    type: "kubernetes:core/v1:Pod",
    name: "web",
    inputs: { metadata: { name: "web", namespace: "shop", annotations }, spec },
  };
}
