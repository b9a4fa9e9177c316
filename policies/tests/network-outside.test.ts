import {
  app,
  dnsRule,
  elsewhere,
  findings,
  ids,
  judge,
  peer,
  policy,
  soundStack,
  tcp,
  unknown,
  workload,
} from "./network-support.ts";
import { resource, type Json } from "./support.ts";

const settings = { allowedExternalPorts: [8080] };

function service(spec: Json, name = "web", at = "front") {
  const given = { selector: { app: "web" }, ports: [{ port: 80, targetPort: 8080 }], ...spec };
  return resource("kubernetes:core/v1:Service", { metadata: { namespace: at, name }, spec: given }, `${at}-${name}`);
}

function open(rule: Json) {
  return policy("front", "open", { podSelector: app("web"), policyTypes: ["Ingress"], ingress: [rule] });
}

const inside = policy("back", "to-web", {
  podSelector: app("db"),
  policyTypes: ["Egress"],
  egress: [{ to: [peer("front", "web")], ports: tcp(8080) }, dnsRule],
});
const fromBlock = { from: [{ ipBlock: { cidr: "203.0.113.0/24" } }], ports: tcp(8080) };
const without = (name: string) => soundStack().filter((each) => each.name !== name);

describe("exposed-service: pods that a Service opens to the outside, and that nobody outside may reach", () => {
  test.each<[string, Json]>([
    ["a LoadBalancer", { type: "LoadBalancer" }],
    ["a NodePort", { type: "NodePort" }],
    ["an external address", { externalIPs: ["203.0.113.7"] }],
  ])("%s", (_, spec) => {
    const stack = [...soundStack(), service(spec)];
    expect(findings(stack)).toEqual([
      "exposed-service: Service front/web exposes Deployment front/web on TCP 8080 outside the cluster, " +
        "but no NetworkPolicy allows external clients (spec.ports[0]).",
    ]);
    expect(findings([...stack, open(fromBlock)], settings)).toEqual([]);
    expect(findings([...stack, open({ ports: tcp(8080) })], settings)).toEqual([]);
  });

  test.each<[string, readonly ReturnType<typeof service>[]]>([
    ["ingress from pods only", [open({ from: [peer("back", "db")], ports: tcp(8080) }), inside]],
    [
      "another port",
      [
        open({ ...fromBlock, ports: tcp(8443) }),
        workload("front", "other", { labels: { app: "web" }, ports: [8443, 8080] }),
      ],
    ],
  ])("%s does not let them in", (_, others) => {
    expect(ids(findings([...soundStack(), service({ type: "LoadBalancer" }), ...others]))).toContain("exposed-service");
  });

  test("a port by name is that of the container", () => {
    const named = (name: string) => [
      ...without("front-web"),
      workload("front", "web", { ports: [{ name, containerPort: 8080 }] }),
      service({ type: "LoadBalancer", ports: [{ port: 80, targetPort: "http" }] }),
    ];
    expect(ids(findings(named("http")))).toEqual(["exposed-service"]);
    expect(findings([...named("http"), open({ ...fromBlock, ports: tcp("http") })])).toEqual([]);
    expect(findings(named("other"))).toEqual([]);
  });

  test.each<[string, readonly ReturnType<typeof service>[]]>([
    ["a ClusterIP", [...soundStack(), service({})]],
    ["a Service without a selector", [...soundStack(), service({ type: "LoadBalancer", selector: undefined })]],
    ["a type that is not known", [...soundStack(), service({ type: unknown })]],
    ["pods that are not known", [...soundStack(), service({ type: "LoadBalancer", selector: { app: unknown } })]],
    ["ports that are not known", [...soundStack(), service({ type: "LoadBalancer", ports: unknown })]],
    [
      "a policy of which not all is known",
      [...soundStack(), service({ type: "LoadBalancer" }), open({ from: unknown, ports: tcp(8080) })],
    ],
    [
      "pods on the node's network",
      [
        ...without("front-web").filter(({ name }) => !name.includes("to-db") && !name.includes("from-web")),
        workload("front", "web", { spec: { hostNetwork: true } }),
        service({ type: "NodePort" }),
      ],
    ],
  ])("nothing is said of %s", (_, stack) => {
    expect(findings(stack).filter((line) => line.startsWith("exposed-service"))).toEqual([]);
  });
});

describe("webhook: what the API server calls, and may not reach", () => {
  const hook = (service: Json, kind = "ValidatingWebhookConfiguration") =>
    resource(
      `kubernetes:admissionregistration.k8s.io/v1:${kind}`,
      { metadata: { name: "hook" }, webhooks: [{ name: "a.example.org", clientConfig: { service } }] },
      "hook",
    );
  const called = { namespace: "front", name: "web" };
  const https = service({ ports: [{ port: 443, targetPort: 8080 }] });

  test.each<[string, ReturnType<typeof hook>, string]>([
    ["a validating webhook", hook(called), "ValidatingWebhookConfiguration hook (webhooks[0].clientConfig.service)"],
    ["a mutating webhook", hook(called, "MutatingWebhookConfiguration"), "MutatingWebhookConfiguration hook"],
    [
      "a conversion",
      resource(
        "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
        {
          metadata: { name: "things.example.org" },
          spec: { conversion: { strategy: "Webhook", webhook: { clientConfig: { service: called } } } },
        },
        "crd",
      ),
      "CustomResourceDefinition things.example.org",
    ],
    [
      "an aggregated API",
      resource(
        "kubernetes:apiregistration.k8s.io/v1:APIService",
        { metadata: { name: "v1.a" }, spec: { service: called } },
        "api",
      ),
      "APIService v1.a",
    ],
  ])("%s", (_, webhook, title) => {
    const found = findings([...soundStack(), https, webhook]);
    expect(ids(found)).toEqual(["webhook"]);
    expect(found[0]).toContain(title);
    expect(found[0]).toContain("no NetworkPolicy allows it to reach Deployment front/web on TCP 8080");
    expect(findings([...soundStack(), https, webhook, open(fromBlock)])).toEqual([]);
  });

  test("the port is 443 unless it says another", () => {
    const stack = [...soundStack(), service({ ports: [{ port: 8443, targetPort: 8080 }] }), open(fromBlock)];
    expect(findings([...stack, hook({ ...called, port: 8443 })])).toEqual([]);
    const { found, fixes } = judge([...stack, hook(called)]);
    expect(found).toEqual([expect.stringContaining("calls port 443 of Service front/web, which has no such port")]);
    expect(fixes).toEqual(["webhook: name a port of the Service"]);
  });

  test("a Service that is not of this stack cannot be judged, nor one that is not known", () => {
    const far = [...soundStack(), hook({ namespace: "far", name: "web" })];
    expect(findings(far)).toEqual([]);
    expect(elsewhere(far)).toContainEqual(expect.stringContaining("whether the API server can reach Service far/web"));
    for (const service of [{ ...called, name: unknown }, { ...called, port: unknown }, unknown])
      expect(findings([...soundStack(), https, hook(service as Json)])).toEqual([]);
  });

  test("one that is called by its address needs no policy", () => {
    const url = { metadata: { name: "hook" }, webhooks: [{ name: "a", clientConfig: { url: "https://example.org" } }] };
    const type = "kubernetes:admissionregistration.k8s.io/v1:ValidatingWebhookConfiguration";
    expect(findings([...soundStack(), resource(type, url)])).toEqual([]);
  });
});
