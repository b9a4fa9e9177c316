import { title, type Resource } from "../kubernetes/objects.ts";
import { NetworkModel } from "../network/model.ts";
import { unreadPoliciesOf } from "../network/policy.ts";
import type { NetworkSettings } from "../network/rule.ts";
import { networkRules } from "../network/rules/index.ts";
import { resource, restrictedSpec, type Json } from "./support.ts";

/** The pack reads this value as unknown. */
export const unknown = "[secret]";

/** The violations in a stack, as `control: message`, without the fix. */
export function findings(resources: readonly Resource[], settings: NetworkSettings = {}): readonly string[] {
  return runRules(resources, settings).found;
}

/** What the rules cannot decide from this stack alone. */
export function elsewhere(resources: readonly Resource[], settings: NetworkSettings = {}): readonly string[] {
  return runRules(resources, settings).unknown;
}

/** Runs all rules of the policy `network` on a stack. */
export function runRules(resources: readonly Resource[], settings: NetworkSettings = {}) {
  const model = new NetworkModel(resources);
  const elsewhere = new Set(unreadPoliciesOf(model));
  const context = { settings, elsewhere: (what: string) => void elsewhere.add(what) };
  const all = networkRules.flatMap(({ id, find, fix: usual }) =>
    Array.from(find(model, context), ({ subject, message, details = [], fix = usual }) => ({
      id,
      subject,
      message: [message, ...details].join("\n  "),
      fix,
    })),
  );
  const found = all.map(({ id, message }) => `${id}: ${message}`);
  const violations = all.map(({ id, subject }) => `${id} ${subject.urn}`);
  const fixes = all.map(({ id, fix }) => `${id}: ${fix}`);
  return { found, violations, fixes, unknown: [...elsewhere], model };
}

/** The values reported as unknown, as `object: path`. */
export function unknownValues(resources: readonly Resource[]): readonly string[] {
  return runRules(resources).model.objects.flatMap((object) =>
    [...object.notes.unknown].map((path) => `${title(object)}: ${path}`),
  );
}

/** The fields that the API server rejects, as `object: path: problem`. */
export function invalidFields(resources: readonly Resource[]): readonly string[] {
  return runRules(resources).model.validated.flatMap((object) =>
    [...object.notes.malformed].map(([path, problem]) => `${title(object)}: ${path}: ${problem}`),
  );
}

/** The controls of `findings`, without duplicates. */
export function ids(found: readonly string[]): readonly string[] {
  return [...new Set(found.map((line) => line.slice(0, line.indexOf(":"))))];
}

export function namespace(name: string, labels: Json = {}): Resource {
  return resource("kubernetes:core/v1:Namespace", { metadata: { name, labels } }, name);
}

interface WorkloadOptions {
  readonly kind?: string;
  readonly labels?: Json;
  readonly ports?: readonly (number | Json)[];
  readonly spec?: Json;
  readonly replicas?: number;
}

export function workload(at: string, name: string, options: WorkloadOptions = {}): Resource {
  const { kind = "apps/v1:Deployment", labels = { app: name }, ports, spec = {}, replicas } = options;
  const declared = ports?.map((port) => (typeof port === "number" ? { containerPort: port } : port));
  const container = { ...restrictedSpec.containers[0], ...(declared && { ports: declared }) };
  return resource(
    `kubernetes:${kind}`,
    {
      metadata: { namespace: at, name },
      spec: {
        replicas,
        template: { metadata: { labels }, spec: { ...restrictedSpec, containers: [container], ...spec } },
      },
    },
    `${at}-${name}`,
  );
}

/** A Service with one port. It selects the pods of the app of the same name. */
export function service(at: string, name: string, port: number, targetPort: number | string): Resource {
  return serviceWith(at, name, { ports: [{ port, targetPort }] });
}

/** A Service that selects the pods of the app of the same name, unless `spec` has another selector. */
export function serviceWith(at: string, name: string, spec: Json): Resource {
  return resource(
    "kubernetes:core/v1:Service",
    { metadata: { namespace: at, name }, spec: { selector: { app: name }, ...spec } },
    `${at}-${name}`,
  );
}

export function policy(at: string, name: string, spec: Json): Resource {
  const metadata = { namespace: at, name };
  return resource(
    "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    { metadata, spec: { podSelector: {}, ...spec } },
    `${at}-${name}`,
  );
}

export function denyAll(at: string): Resource {
  return policy(at, "default-deny", { policyTypes: ["Ingress", "Egress"] });
}

export function app(name: string): Json {
  return { matchLabels: { app: name } };
}

/** A peer of a rule: the pods of an app in a namespace, or all pods of the namespace. */
export function peer(at: string, name?: string): Json {
  const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": at } };
  return name === undefined ? { namespaceSelector } : { namespaceSelector, podSelector: app(name) };
}

/** An ingress rule without ports: the pods of `web` in namespaces with the label `team: a`. */
export const fromTeamA = {
  from: [{ namespaceSelector: { matchLabels: { team: "a" } }, podSelector: app("web") }],
};

export function tcp(...ports: readonly (number | string)[]): Json[] {
  return ports.map((port) => ({ protocol: "TCP", port }));
}

/** An egress rule that allows DNS queries to the cluster's DNS pods. */
export const dnsRule = {
  to: [
    {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
      podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
    },
  ],
  ports: [
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ],
};

export function allowDns(at: string): Resource {
  return policy(at, "allow-dns", { policyTypes: ["Egress"], egress: [dnsRule] });
}

/**
 * A stack without violations. Its two namespaces deny by default. Policies at both ends allow connections from `web` in
 * `front` to `db` in `back` on port 5432.
 */
export function validStack(
  over: { readonly egress?: Json; readonly ingress?: Json; readonly db?: WorkloadOptions } = {},
): Resource[] {
  return [
    namespace("front"),
    namespace("back"),
    workload("front", "web", { ports: [8080] }),
    workload("back", "db", { ports: [5432], ...over.db }),
    ...["front", "back"].flatMap((at) => [denyAll(at), allowDns(at)]),
    policy("front", "to-db", {
      podSelector: app("web"),
      policyTypes: ["Egress"],
      egress: [{ to: [peer("back", "db")], ports: tcp(5432), ...over.egress }],
    }),
    policy("back", "from-web", {
      podSelector: app("db"),
      policyTypes: ["Ingress"],
      ingress: [{ from: [peer("front", "web")], ports: tcp(5432), ...over.ingress }],
    }),
  ];
}

/** The valid stack without the resources of these names, as `namespace-name`. */
export function stackWithout(...names: readonly string[]): Resource[] {
  return validStack().filter(({ name }) => !names.includes(name));
}

/** The Kubernetes object of a resource, as an item of a `List`. */
export function listItem({ type, props }: Resource): Json {
  const [, apiVersion, kind] = type.split(":");
  return { kind, apiVersion: apiVersion?.replace("core/", ""), ...(props as Json) };
}
