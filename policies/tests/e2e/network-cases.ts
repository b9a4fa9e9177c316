import { app, dnsRule, peer, tcp } from "../network-support.ts";
import type { Json } from "../support.ts";

/** Policies, by namespace, that are in force together. */
export type NetworkCase = readonly [title: string, ...policies: { readonly at: string; readonly spec: Json }[]];

const labelled = (key: string, value: string) => ({ podSelector: { matchLabels: { [key]: value } } });
const expressions = (...matchExpressions: Json[]) => ({ matchExpressions });

/**
 * Every form of selector, peer, port and default. `web` (front) and `db`, a StatefulSet, are in the first namespace; `web`, `job`, a
 * Job, and `cache` (back), a Deployment, in the second, with `agent` and `probe` on the node's network; `db` and `cache` listen on 8080
 * ("http") and 9090 ("metrics").
 */
export function networkCases(
  [first, second]: readonly [string, string],
  addressOf: (server: "db" | "cache" | "agent" | "dns") => string,
): readonly NetworkCase[] {
  const a = (spec: Json) => ({ at: first, spec: { podSelector: {}, ...spec } });
  const b = (spec: Json) => ({ at: second, spec: { podSelector: {}, ...spec } });
  return [
    ["no policy at all"],
    [
      "deny by default in both directions",
      a({ policyTypes: ["Ingress", "Egress"] }),
      b({ policyTypes: ["Ingress", "Egress"] }),
    ],
    ["policyTypes left out: ingress only", a({}), b({})],
    ["policyTypes left out, with an egress rule: both", a({ egress: [{ to: [peer(first)] }] })],
    [
      "policyTypes Egress with ingress rules that nobody reads",
      b({ policyTypes: ["Egress"], ingress: [{ from: [peer(first)] }] }),
    ],
    ["an empty rule allows all", a({ ingress: [{}] }), b({ policyTypes: ["Egress"], egress: [{}] })],
    ["a podSelector means its own namespace", b({ ingress: [{ from: [{ podSelector: app("web") }] }] })],
    ["a namespaceSelector means all its pods", b({ ingress: [{ from: [peer(first)] }] })],
    ["both in one peer", b({ ingress: [{ from: [peer(second, "job")] }] })],
    [
      "both as two peers",
      b({
        ingress: [{ from: [{ namespaceSelector: peer(first).namespaceSelector }, { podSelector: app("job") }] }],
      }),
    ],
    ["all namespaces", b({ ingress: [{ from: [{ namespaceSelector: {}, podSelector: app("web") }] }] })],
    [
      "In",
      a({
        ingress: [
          {
            from: [
              { namespaceSelector: {}, podSelector: expressions({ key: "app", operator: "In", values: ["job", "x"] }) },
            ],
          },
        ],
      }),
    ],
    [
      "NotIn holds for a label that is not there",
      a({
        ingress: [
          {
            from: [
              {
                namespaceSelector: {},
                podSelector: expressions({ key: "tier", operator: "NotIn", values: ["front"] }),
              },
            ],
          },
        ],
      }),
    ],
    [
      "Exists",
      a({
        ingress: [{ from: [{ namespaceSelector: {}, podSelector: expressions({ key: "tier", operator: "Exists" }) }] }],
      }),
    ],
    [
      "DoesNotExist",
      a({
        ingress: [
          { from: [{ namespaceSelector: {}, podSelector: expressions({ key: "tier", operator: "DoesNotExist" }) }] },
        ],
      }),
    ],
    [
      "several requirements",
      a({
        ingress: [
          {
            from: [
              {
                namespaceSelector: expressions({
                  key: "kubernetes.io/metadata.name",
                  operator: "NotIn",
                  values: [first],
                }),
                podSelector: { ...app("web"), ...expressions({ key: "tier", operator: "DoesNotExist" }) },
              },
            ],
          },
        ],
      }),
    ],
    [
      "the policy's own selector by expression",
      b({ podSelector: expressions({ key: "tier", operator: "Exists" }), policyTypes: ["Ingress"] }),
    ],
    ["a port by number", a({ ingress: [{ ports: tcp(8080) }] }), b({ ingress: [{ ports: tcp(8080) }] })],
    [
      "a port by name",
      a({ ingress: [{ ports: tcp("metrics") }] }),
      b({ policyTypes: ["Egress"], egress: [{ ports: tcp("http") }] }),
    ],
    ["a range", a({ ingress: [{ ports: [{ port: 8000, endPort: 8999 }] }] })],
    ["another protocol", a({ ingress: [{ ports: [{ port: 8080, protocol: "UDP" }, { port: 9090 }] }] })],
    [
      "a protocol without a port",
      a({ ingress: [{ ports: [{ protocol: "UDP" }] }] }),
      b({ ingress: [{ ports: [{ protocol: "TCP" }] }] }),
    ],
    [
      "allowed at one end only",
      a({ policyTypes: ["Ingress", "Egress"], egress: [{ to: [peer(second, "cache")] }] }),
      b({ policyTypes: ["Ingress"] }),
    ],
    [
      "allowed at both ends",
      a({ policyTypes: ["Ingress", "Egress"], egress: [{ to: [peer(second, "cache")], ports: tcp(8080) }] }),
      b({ policyTypes: ["Ingress"], ingress: [{ from: [peer(first, "web")], ports: tcp(8080) }] }),
    ],
    [
      "policies add up",
      b({ ingress: [{ from: [peer(first)], ports: tcp(8080) }] }),
      b({ podSelector: app("cache"), ingress: [{ from: [peer(second, "job")], ports: tcp(9090) }] }),
    ],
    [
      "an address block",
      a({ policyTypes: ["Egress"], egress: [{ to: [{ ipBlock: { cidr: `${addressOf("cache")}/32` } }] }] }),
    ],
    [
      "an address block with an exception",
      b({
        policyTypes: ["Egress"],
        egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: [`${addressOf("db")}/32`] } }] }],
      }),
    ],
    [
      "all addresses but those of pods",
      a({ policyTypes: ["Egress"], egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.244.0.0/16"] } }] }] }),
      b({ ingress: [{ from: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }] }] }),
    ],
    [
      "an exception of one rule that another one allows",
      a({
        policyTypes: ["Egress"],
        egress: [
          { to: [{ ipBlock: { cidr: "10.0.0.0/8", except: [`${addressOf("cache")}/32`] } }] },
          { to: [peer(second, "cache")], ports: tcp("metrics") },
        ],
      }),
    ],
    [
      "a name beside a range",
      a({ ingress: [{ ports: [{ port: "http" }, { port: 9000, endPort: 9089 }] }] }),
      b({ ingress: [{ ports: [{ port: "other" }, { port: 9000, endPort: 9090 }] }] }),
    ],
    ["a range to the last port", a({ ingress: [{ ports: [{ port: 8081, endPort: 65_535 }] }] })],
    [
      "deny by default with the rule for DNS in the same policy",
      a({ policyTypes: ["Ingress", "Egress"], egress: [dnsRule] }),
      b({ policyTypes: ["Ingress", "Egress"], egress: [dnsRule] }),
    ],
    [
      "DNS over UDP only, and over TCP only",
      a({ policyTypes: ["Egress"], egress: [{ ...dnsRule, ports: [{ port: 53, protocol: "UDP" }] }] }),
      b({ policyTypes: ["Egress"], egress: [{ ...dnsRule, ports: [{ port: 53 }] }] }),
    ],
    [
      "DNS by the address of its pod, and by that of its Service",
      a({ policyTypes: ["Egress"], egress: [{ to: [{ ipBlock: { cidr: `${addressOf("dns")}/32` } }] }] }),
      b({ policyTypes: ["Egress"], egress: [{ to: [{ ipBlock: { cidr: "10.96.0.0/16" } }] }] }),
    ],
    [
      "DNS by addresses outside, and by all but the private ones",
      a({ policyTypes: ["Egress"], egress: [{ to: [{ ipBlock: { cidr: "203.0.113.0/24" } }] }] }),
      b({
        policyTypes: ["Egress"],
        egress: [
          { to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"] } }] },
        ],
      }),
    ],
    [
      "DNS by all pods of its namespace, and by its label anywhere",
      a({ policyTypes: ["Egress"], egress: [{ to: [peer("kube-system")] }] }),
      b({ policyTypes: ["Egress"], egress: [{ to: [{ ...dnsRule.to[0], namespaceSelector: {} }] }] }),
    ],
    [
      "a selector means no pod on the node's network",
      a({ policyTypes: ["Egress"], egress: [{ to: [peer(second, "agent"), peer(second, "cache")] }] }),
    ],
    [
      "an address means the pod on the node's network",
      a({ policyTypes: ["Egress"], egress: [{ to: [{ ipBlock: { cidr: `${addressOf("agent")}/32` } }] }] }),
    ],
    [
      "a policy for pods on the node's network has no effect",
      b({ policyTypes: ["Ingress", "Egress"], ...labelled("app", "agent") }),
    ],
    [
      "the labels of a Job",
      a({ ingress: [{ from: [{ namespaceSelector: {}, ...labelled("batch.kubernetes.io/job-name", "job") }] }] }),
      b({ ingress: [{ from: [labelled("job-name", "job")], ports: tcp(8080) }] }),
    ],
    [
      "the labels of a StatefulSet",
      a({ ...labelled("statefulset.kubernetes.io/pod-name", "db-0"), policyTypes: ["Ingress"] }),
      b({
        policyTypes: ["Egress"],
        egress: [{ to: [{ ...peer(first), ...labelled("apps.kubernetes.io/pod-index", "0") }] }],
      }),
    ],
    [
      "another pod of a StatefulSet",
      a({ ...labelled("statefulset.kubernetes.io/pod-name", "db-1"), policyTypes: ["Ingress"] }),
    ],
    [
      "hashes that controllers add",
      a({
        podSelector: expressions({ key: "controller-revision-hash", operator: "Exists" }),
        policyTypes: ["Ingress"],
      }),
      b({ podSelector: expressions({ key: "pod-template-hash", operator: "Exists" }), policyTypes: ["Ingress"] }),
    ],
  ];
}
