import { title, type Resource } from "../kubernetes/objects.ts";
import { NetworkModel } from "../network/model.ts";
import { unreadPoliciesOf } from "../network/policy.ts";
import type { NetworkSettings } from "../network/rule.ts";
import { networkRules } from "../network/rules/index.ts";
import { resource, restrictedSpec, type Json } from "./support.ts";

/** Reads as a value that is not known before the update. */
export const unknown = "[secret]";

/** What the rules find in a stack: `id: message` of each, the fix left out. */
export function findings(resources: readonly Resource[], settings: NetworkSettings = {}): readonly string[] {
  return judge(resources, settings).found;
}

/** What the stack alone cannot tell. */
export function elsewhere(resources: readonly Resource[], settings: NetworkSettings = {}): readonly string[] {
  return judge(resources, settings).unknown;
}

export function judge(resources: readonly Resource[], settings: NetworkSettings = {}) {
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

/** What is named as not known yet, by object and path. */
export function doubts(resources: readonly Resource[]): readonly string[] {
  return judge(resources).model.objects.flatMap((object) =>
    [...object.notes.unknown].map((path) => `${title(object)}: ${path}`),
  );
}

/** What the API server refuses, by object and path. */
export function refusals(resources: readonly Resource[]): readonly string[] {
  return judge(resources).model.validated.flatMap((object) =>
    [...object.notes.malformed].map(([path, problem]) => `${title(object)}: ${path}: ${problem}`),
  );
}

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

export function service(at: string, name: string, port: number, targetPort: number | string): Resource {
  const spec = { selector: { app: name }, ports: [{ port, targetPort }] };
  return resource("kubernetes:core/v1:Service", { metadata: { namespace: at, name }, spec }, `${at}-${name}`);
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

/** Pods of an app in a namespace, as a peer. */
export function peer(at: string, name?: string): Json {
  const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": at } };
  return name === undefined ? { namespaceSelector } : { namespaceSelector, podSelector: app(name) };
}

export function tcp(...ports: readonly (number | string)[]): Json[] {
  return ports.map((port) => ({ protocol: "TCP", port }));
}

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

/** Two namespaces that deny by default: `web` in `front` connects to `db` in `back` on 5432, allowed at both ends. */
export function soundStack(
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
