import type * as k8s from "@pulumi/kubernetes";
import type { Namespace } from "../names.ts";
import type { Flow, Foreign, ForeignPods, Ours } from "./endpoint.ts";

type Selector = k8s.types.input.meta.v1.LabelSelector;
type Spec = k8s.types.input.networking.v1.NetworkPolicySpec;
type Peer = k8s.types.input.networking.v1.NetworkPolicyPeer;
type Port = k8s.types.input.networking.v1.NetworkPolicyPort;

/** Label with the name of a pod's application. */
const applicationLabel = "app.kubernetes.io/name";

/** A NetworkPolicy before it becomes a resource. */
export interface Policy {
  readonly name: string;
  readonly namespace: Namespace;
  readonly spec: Spec;
}

interface Rule {
  readonly peers: readonly Peer[];
  readonly ports: readonly Port[];
}

/** The pods that a policy selects. */
interface Pods {
  readonly namespace: Namespace;
  readonly selector: Selector;
}

interface Draft extends Pods {
  readonly name: string;
  readonly ingress: Rule[];
  readonly egress: Rule[];
}

function selectorOf(end: Ours | ForeignPods): Selector {
  if ("applications" in end)
    return { matchExpressions: [{ key: applicationLabel, operator: "In", values: [...end.applications] }] };
  return Object.keys(end.pods).length === 0 ? {} : { matchLabels: end.pods };
}

const podsOf = (end: Ours): Pods => ({ namespace: end.namespace, selector: selectorOf(end) });

const inNamespace = (namespace: string) => ({ matchLabels: { "kubernetes.io/metadata.name": namespace } });

function peers(end: Ours | Foreign): Peer[] {
  if ("cidrs" in end) {
    return end.cidrs.map((cidr) => ({ ipBlock: { cidr, ...(end.except.length > 0 && { except: [...end.except] }) } }));
  }
  const selector = selectorOf(end);
  return [
    {
      namespaceSelector: inNamespace("namespace" in end ? end.namespace : end.foreignNamespace),
      ...(Object.keys(selector).length > 0 && { podSelector: selector }),
    },
  ];
}

const tcp = (ports: readonly number[]): Port[] => ports.map((port) => ({ protocol: "TCP", port }));

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

function specOf(draft: Draft): Spec {
  return {
    podSelector: draft.selector,
    policyTypes: [...(draft.ingress.length > 0 ? ["Ingress"] : []), ...(draft.egress.length > 0 ? ["Egress"] : [])],
    ...(draft.ingress.length > 0 && {
      ingress: draft.ingress.map(({ peers, ports }) => ({ from: [...peers], ports: [...ports] })),
    }),
    ...(draft.egress.length > 0 && {
      egress: draft.egress.map(({ peers, ports }) => ({ to: [...peers], ports: [...ports] })),
    }),
  };
}

/**
 * The policies for these flows: for each flow, an egress rule if the client is in our namespaces, and an ingress rule
 * if the server is.
 *
 * @throws Error if a server has no port, or if one policy would have to select two different sets of pods
 */
export function policiesFor(flows: readonly Flow[]): Policy[] {
  const drafts = new Map<string, Draft>();
  const add = (name: string, { namespace, selector }: Pods, direction: "ingress" | "egress", rule: Rule) => {
    const key = `${namespace}/${name}`;
    const draft = drafts.get(key) ?? { name, namespace, selector, ingress: [], egress: [] };
    if (!same(draft.selector, selector)) {
      throw new Error(
        `NetworkPolicy ${key} would select both ${JSON.stringify(draft.selector)} and ${JSON.stringify(selector)}: ` +
          "use another policy name in one of the flows",
      );
    }
    if (!draft[direction].some((known) => same(known, rule))) draft[direction].push(rule);
    drafts.set(key, draft);
  };
  for (const flow of flows) {
    const ports = tcp(Object.values(flow.to.ports));
    if (ports.length === 0) throw new Error(`the server has no port in the flow: ${flow.reason}`);
    if ("egress" in flow) add(flow.egress, podsOf(flow.from), "egress", { peers: peers(flow.to), ports });
    if ("ingress" in flow) add(flow.ingress, podsOf(flow.to), "ingress", { peers: peers(flow.from), ports });
  }
  return [...drafts.values()].map((draft) => ({ name: draft.name, namespace: draft.namespace, spec: specOf(draft) }));
}

/** The policies of each of these namespaces: deny all traffic, except egress to the cluster's DNS. */
export function basePolicies(namespaces: readonly Namespace[]): Policy[] {
  const dns: Spec = {
    podSelector: {},
    policyTypes: ["Egress"],
    egress: [
      {
        to: [{ namespaceSelector: inNamespace("kube-system") }],
        ports: [
          { protocol: "UDP", port: 53 },
          { protocol: "TCP", port: 53 },
        ],
      },
    ],
  };
  return namespaces.flatMap((namespace) => [
    { name: "default-deny-all", namespace, spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] } },
    { name: "allow-dns", namespace, spec: dns },
  ]);
}
