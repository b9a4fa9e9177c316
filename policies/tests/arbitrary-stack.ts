import fc from "fast-check";
import type { Resource } from "../kubernetes/objects.ts";
import { dnsRule } from "./network-support.ts";
import { resource, restrictedSpec, type Json } from "./support.ts";

const namespaces = ["front", "back"];
const namespace = fc.constantFrom(...namespaces);
const labels = fc.dictionary(fc.constantFrom("app", "tier"), fc.constantFrom("a", "b"), { maxKeys: 2 });
const expression = fc.oneof(
  fc.record({
    key: fc.constantFrom("app", "tier"),
    operator: fc.constantFrom("In", "NotIn"),
    values: fc.array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ key: fc.constantFrom("app", "tier"), operator: fc.constantFrom("Exists", "DoesNotExist") }),
);
const podSelector = fc.oneof(
  fc.constant<Json>({}),
  labels.map((matchLabels): Json => ({ matchLabels })),
  expression.map((each): Json => ({ matchExpressions: [each] })),
);
const namespaceSelector = fc.oneof(
  fc.constant<Json>({}),
  namespace.map((name): Json => ({ matchLabels: { "kubernetes.io/metadata.name": name } })),
  fc.constantFrom("front", "elsewhere").map((team): Json => ({ matchLabels: { team } })),
);
const ipBlock = fc.constantFrom<Json>(
  { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] },
  { cidr: "203.0.113.0/24" },
  { cidr: "0.0.0.0/0", except: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"] },
);
const peer = fc.oneof<fc.Arbitrary<Json>[]>(
  fc.record({ podSelector }),
  fc.record({ namespaceSelector }),
  fc.record({ podSelector, namespaceSelector }),
  fc.record({ ipBlock }),
);
const port = fc.constantFrom<Json>(
  { port: 80 },
  { port: 8080, protocol: "TCP" },
  { port: "http" },
  { port: 8000, endPort: 9000 },
  { port: 1, endPort: 65_535 },
  { protocol: "UDP" },
  { port: 53, protocol: "UDP" },
  { port: 443 },
);

function rules(peers: "from" | "to") {
  const rule = fc.record(
    { [peers]: fc.array(peer, { maxLength: 2 }), ports: fc.array(port, { maxLength: 2 }) },
    { requiredKeys: [] },
  );
  return fc.array(peers === "to" ? fc.oneof(rule, fc.constant<Json>(dnsRule)) : rule, { maxLength: 2 });
}

const policy = fc.record(
  {
    podSelector,
    policyTypes: fc.subarray(["Ingress", "Egress"]),
    ingress: rules("from"),
    egress: rules("to"),
  },
  { requiredKeys: ["podSelector"] },
);

const containers = fc.array(
  fc.record(
    {
      ports: fc.array(
        fc.constantFrom<Json>({ containerPort: 8080, name: "http" }, { containerPort: 53, protocol: "UDP" }),
        { maxLength: 1 },
      ),
    },
    { requiredKeys: [] },
  ),
  { minLength: 1, maxLength: 2 },
);
const kinds = ["apps/v1:Deployment", "apps/v1:StatefulSet", "batch/v1:Job", "argoproj.io/v1alpha1:Rollout"];
const workload = fc.record({
  kind: fc.constantFrom(...kinds),
  labels,
  containers,
  spec: fc.record(
    { hostNetwork: fc.boolean(), dnsPolicy: fc.constantFrom("ClusterFirst", "None") },
    { requiredKeys: [] },
  ),
});
const service = fc.record(
  {
    type: fc.constantFrom("ClusterIP", "LoadBalancer"),
    selector: labels,
    ports: fc.constantFrom<Json[][]>([{ port: 80, targetPort: 8080 }], [{ port: 443, targetPort: "http" }]),
  },
  { requiredKeys: ["selector", "ports"] },
);

const inNamespace = <T>(part: fc.Arbitrary<T>, maxLength: number) =>
  fc.array(fc.tuple(namespace, part), { minLength: 1, maxLength });

/** The labels of a namespace, and of a patch of it. */
const own = fc.record({
  labels: fc.dictionary(fc.constant("team"), fc.constantFrom("front", "other")),
  patch: fc.option(fc.dictionary(fc.constant("team"), fc.constantFrom("front", "other"))),
});

/** Two namespaces with valid workloads, policies and Services, which often refer to each other. */
export const arbitraryStack: fc.Arbitrary<readonly Resource[]> = fc
  .record({
    front: own,
    back: own,
    deny: fc.boolean(),
    workloads: inNamespace(workload, 4),
    policies: inNamespace(policy, 4),
    services: inNamespace(service, 2),
    webhook: fc.boolean(),
  })
  .map(({ front, back, deny, workloads, policies, services, webhook }) => [
    ...Object.entries({ front, back }).flatMap(([name, { labels: given, patch }]) => [
      resource("kubernetes:core/v1:Namespace", { metadata: { name, labels: given } }, name),
      ...(patch
        ? [resource("kubernetes:core/v1:NamespacePatch", { metadata: { name, labels: patch } }, `${name}-p`)]
        : []),
    ]),
    ...(deny ? namespaces : []).map((at) =>
      object("networking.k8s.io/v1:NetworkPolicy", at, "deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }),
    ),
    ...workloads.map(([at, { kind, labels: own, containers: made, spec }], index) => {
      const all = made.map((container, each) => ({ ...restrictedSpec.containers[0], name: `c${each}`, ...container }));
      const template = { metadata: { labels: own }, spec: { ...spec, containers: all } };
      return object(kind, at, `w${index}`, { replicas: 2, template });
    }),
    ...policies.map(([at, spec], index) => object("networking.k8s.io/v1:NetworkPolicy", at, `p${index}`, spec)),
    ...services.map(([at, spec], index) => object("core/v1:Service", at, `s${index}`, spec)),
    ...(webhook
      ? [
          resource("kubernetes:admissionregistration.k8s.io/v1:ValidatingWebhookConfiguration", {
            metadata: { name: "hook" },
            webhooks: [{ name: "a.b.c", clientConfig: { service: { namespace: "back", name: "s0" } } }],
          }),
        ]
      : []),
  ]);

function object(type: string, namespace: string, name: string, spec: unknown): Resource {
  return resource(`kubernetes:${type}`, { metadata: { namespace, name }, spec }, `${namespace}-${name}`);
}

/** The path of a value: the index of its resource, then the keys. */
export type ValuePath = readonly [number, ...(string | number)[]];

export function valuePathsIn(stack: readonly Resource[]): readonly ValuePath[] {
  const below = (value: unknown, at: ValuePath): readonly ValuePath[] => [
    at,
    ...(typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, each]) => below(each, [...at, Array.isArray(value) ? Number(key) : key]))
      : []),
  ];
  return stack.flatMap(({ props }, index) => below(props, [index]).filter(({ length }) => length > 1));
}

/** The stack with one value replaced by an unknown one. */
export function withUnknown(stack: readonly Resource[], [index, ...keys]: ValuePath): readonly Resource[] {
  const copy = structuredClone<readonly { props: unknown }[]>(stack);
  const last = keys.pop() ?? "";
  const holder = keys.reduce<unknown>((at, key) => (at as Json)[key], copy[index]?.props);
  (holder as Json)[last] = "[secret]";
  return copy as readonly Resource[];
}
