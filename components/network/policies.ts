import type * as k8s from "@pulumi/kubernetes";
import { namespaces } from "../names.ts";
import type { Namespace } from "../names.ts";
import type { Endpoint, Flow, OutsideFlow } from "./endpoint.ts";

type Selector = k8s.types.input.meta.v1.LabelSelector;
type Spec = k8s.types.input.networking.v1.NetworkPolicySpec;
type Peer = k8s.types.input.networking.v1.NetworkPolicyPeer;
type Port = k8s.types.input.networking.v1.NetworkPolicyPort;

/** Label with the name of a pod's application. */
export const applicationLabel = "app.kubernetes.io/name";

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

const podsOf = ({ namespace, pods }: Endpoint): Pods => ({
  namespace,
  selector: Object.keys(pods).length === 0 ? {} : { matchLabels: pods },
});

const inNamespace = (namespace: string) => ({ matchLabels: { "kubernetes.io/metadata.name": namespace } });

const peer = (end: Endpoint): Peer => ({
  namespaceSelector: inNamespace(end.namespace),
  ...(Object.keys(end.pods).length > 0 && { podSelector: podsOf(end).selector }),
});

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
 * The policies for these flows: for each flow, an egress rule at the client and an ingress rule at the server; for each
 * flow out of the cluster, only an egress rule.
 *
 * @throws Error if a server has no port, or if one policy would have to select two different sets of pods
 */
export function policiesFor(flows: readonly Flow[], outsideFlows: readonly OutsideFlow[] = []): Policy[] {
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
  for (const { from, to, egress, ingress } of flows) {
    const ports = tcp(Object.values(to.ports));
    if (ports.length === 0) throw new Error(`flow ${egress} -> ${ingress}: the server has no port`);
    add(egress, podsOf(from), "egress", { peers: [peer(to)], ports });
    add(ingress, podsOf(to), "ingress", { peers: [peer(from)], ports });
  }
  for (const { from, to, egress } of outsideFlows) {
    const { namespace, applications } = from;
    const named = { key: applicationLabel, operator: "In", values: [...applications] };
    const peers = [{ ipBlock: { cidr: to.addresses, except: [...to.except] } }];
    add(egress, { namespace, selector: { matchExpressions: [named] } }, "egress", { peers, ports: tcp(to.ports) });
  }
  return [...drafts.values()].map((draft) => ({ name: draft.name, namespace: draft.namespace, spec: specOf(draft) }));
}

/** The policies of every namespace: deny all traffic, except egress to the cluster's DNS. */
export function basePolicies(): Policy[] {
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
