import {
  app,
  dnsRule,
  elsewhere,
  findings,
  ids,
  peer,
  policy,
  runRules,
  serviceWith,
  stackWithout,
  tcp,
  unknown,
  validStack,
  workload,
} from "./network-support.ts";
import { resource, type Json } from "./support.ts";

const settings = { allowedExternalPorts: [8080] };

/** The Service of `web`, changed by `spec`. */
function service(spec: Json) {
  return serviceWith("front", "web", { ports: [{ port: 80, targetPort: 8080 }], ...spec });
}

/** A policy that allows one ingress rule at `web`. */
function allow(rule: Json) {
  return policy("front", "allow", { podSelector: app("web"), policyTypes: ["Ingress"], ingress: [rule] });
}

const egressToWeb = policy("back", "to-web", {
  podSelector: app("db"),
  policyTypes: ["Egress"],
  egress: [{ to: [peer("front", "web")], ports: tcp(8080) }, dnsRule],
});
const fromBlock = { from: [{ ipBlock: { cidr: "203.0.113.0/24" } }], ports: tcp(8080) };

describe("exposed-service: a Service exposes pods that no policy lets outside clients reach", () => {
  test.each<[string, Json]>([
    ["a LoadBalancer", { type: "LoadBalancer" }],
    ["a NodePort", { type: "NodePort" }],
    ["an external IP", { externalIPs: ["203.0.113.7"] }],
  ])("%s", (_, spec) => {
    const stack = [...validStack(), service(spec)];
    expect(findings(stack)).toEqual([
      "exposed-service: Service front/web exposes Deployment front/web on TCP 8080 outside the cluster, " +
        "but no NetworkPolicy allows external clients (spec.ports[0]).",
    ]);
    expect(findings([...stack, allow(fromBlock)], settings)).toEqual([]);
    expect(findings([...stack, allow({ ports: tcp(8080) })], settings)).toEqual([]);
  });

  test.each<[string, readonly ReturnType<typeof service>[]]>([
    ["ingress from pods only", [allow({ from: [peer("back", "db")], ports: tcp(8080) }), egressToWeb]],
    [
      "another port",
      [
        allow({ ...fromBlock, ports: tcp(8443) }),
        workload("front", "other", { labels: { app: "web" }, ports: [8443, 8080] }),
      ],
    ],
  ])("is reported despite %s", (_, others) => {
    expect(ids(findings([...validStack(), service({ type: "LoadBalancer" }), ...others]))).toContain("exposed-service");
  });

  test("resolves a named targetPort to the container port", () => {
    const named = (name: string) => [
      ...stackWithout("front-web"),
      workload("front", "web", { ports: [{ name, containerPort: 8080 }] }),
      service({ type: "LoadBalancer", ports: [{ port: 80, targetPort: "http" }] }),
    ];
    expect(ids(findings(named("http")))).toEqual(["exposed-service"]);
    expect(findings([...named("http"), allow({ ...fromBlock, ports: tcp("http") })])).toEqual([]);
    expect(findings(named("other"))).toEqual([]);
  });

  test.each<[string, readonly ReturnType<typeof service>[]]>([
    ["a ClusterIP", [...validStack(), service({})]],
    ["a Service without a selector", [...validStack(), service({ type: "LoadBalancer", selector: undefined })]],
    ["an unknown type", [...validStack(), service({ type: unknown })]],
    ["an unknown selector", [...validStack(), service({ type: "LoadBalancer", selector: { app: unknown } })]],
    ["unknown ports", [...validStack(), service({ type: "LoadBalancer", ports: unknown })]],
    [
      "a policy with unknown peers",
      [...validStack(), service({ type: "LoadBalancer" }), allow({ from: unknown, ports: tcp(8080) })],
    ],
    [
      "pods on the host network",
      [
        ...stackWithout("front-web").filter(({ name }) => !name.includes("to-db") && !name.includes("from-web")),
        workload("front", "web", { spec: { hostNetwork: true } }),
        service({ type: "NodePort" }),
      ],
    ],
  ])("is not reported for %s", (_, stack) => {
    expect(findings(stack).filter((line) => line.startsWith("exposed-service"))).toEqual([]);
  });
});

describe("webhook: the API server calls pods that no policy lets it reach", () => {
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
      "a conversion webhook",
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
      "an aggregated API server",
      resource(
        "kubernetes:apiregistration.k8s.io/v1:APIService",
        { metadata: { name: "v1.a" }, spec: { service: called } },
        "api",
      ),
      "APIService v1.a",
    ],
  ])("%s", (_, webhook, title) => {
    const found = findings([...validStack(), https, webhook]);
    expect(ids(found)).toEqual(["webhook"]);
    expect(found[0]).toContain(title);
    expect(found[0]).toContain("no NetworkPolicy allows it to reach Deployment front/web on TCP 8080");
    expect(findings([...validStack(), https, webhook, allow(fromBlock)])).toEqual([]);
  });

  test("uses port 443 if the reference has no port", () => {
    const stack = [...validStack(), service({ ports: [{ port: 8443, targetPort: 8080 }] }), allow(fromBlock)];
    expect(findings([...stack, hook({ ...called, port: 8443 })])).toEqual([]);
    const { found, fixes } = runRules([...stack, hook(called)]);
    expect(found).toEqual([expect.stringContaining("calls port 443 of Service front/web, which has no such port")]);
    expect(fixes).toEqual(["webhook: name a port of the Service"]);
  });

  test("reports no violation for a Service outside this stack, or an unknown one", () => {
    const otherStack = [...validStack(), hook({ namespace: "far", name: "web" })];
    expect(findings(otherStack)).toEqual([]);
    expect(elsewhere(otherStack)).toContainEqual(
      expect.stringContaining("whether the API server can reach Service far/web"),
    );
    for (const service of [{ ...called, name: unknown }, { ...called, port: unknown }, unknown])
      expect(findings([...validStack(), https, hook(service as Json)])).toEqual([]);
  });

  test("does not check a webhook with a URL", () => {
    const url = { metadata: { name: "hook" }, webhooks: [{ name: "a", clientConfig: { url: "https://example.org" } }] };
    const type = "kubernetes:admissionregistration.k8s.io/v1:ValidatingWebhookConfiguration";
    expect(findings([...validStack(), resource(type, url)])).toEqual([]);
  });
});
