import { app, dnsRule, peer, tcp } from "../network-support.ts";
import type { Json } from "../support.ts";

/** Policies that apply together, with their namespaces. */
export type NetworkCase = readonly [title: string, ...policies: { readonly at: string; readonly spec: Json }[]];

const labelled = (key: string, value: string) => ({ podSelector: { matchLabels: { [key]: value } } });
const expressions = (...matchExpressions: Json[]) => ({ matchExpressions });

/**
 * Every form of selector, peer, port and default.
 *
 * The first namespace has the pod `web` (`tier: front`) and the StatefulSet `db`. The second has the pod `web`, the Job
 * `job`, the Deployment `cache` (`tier: back`), and the pods `agent` and `probe` on the host network. `db` and `cache`
 * listen on 8080 (`http`) and 9090 (`metrics`).
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
      "default deny in both directions",
      a({ policyTypes: ["Ingress", "Egress"] }),
      b({ policyTypes: ["Ingress", "Egress"] }),
    ],
    ["policyTypes omitted: Ingress only", a({}), b({})],
    ["policyTypes omitted, with an egress rule: both directions", a({ egress: [{ to: [peer(first)] }] })],
    [
      "policyTypes Egress: ingress rules are ignored",
      b({ policyTypes: ["Egress"], ingress: [{ from: [peer(first)] }] }),
    ],
    ["an empty rule allows all", a({ ingress: [{}] }), b({ policyTypes: ["Egress"], egress: [{}] })],
    ["a podSelector selects pods of its own namespace", b({ ingress: [{ from: [{ podSelector: app("web") }] }] })],
    ["a namespaceSelector selects all pods of the namespace", b({ ingress: [{ from: [peer(first)] }] })],
    ["both selectors in one peer", b({ ingress: [{ from: [peer(second, "job")] }] })],
    [
      "both selectors as two peers",
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
      "NotIn matches pods without the label",
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
      "matchExpressions in the policy's podSelector",
      b({ podSelector: expressions({ key: "tier", operator: "Exists" }), policyTypes: ["Ingress"] }),
    ],
    ["a port by number", a({ ingress: [{ ports: tcp(8080) }] }), b({ ingress: [{ ports: tcp(8080) }] })],
    [
      "a port by name",
      a({ ingress: [{ ports: tcp("metrics") }] }),
      b({ policyTypes: ["Egress"], egress: [{ ports: tcp("http") }] }),
    ],
    ["a port range", a({ ingress: [{ ports: [{ port: 8000, endPort: 8999 }] }] })],
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
      "all addresses except those of pods",
      a({ policyTypes: ["Egress"], egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.244.0.0/16"] } }] }] }),
      b({ ingress: [{ from: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }] }] }),
    ],
    [
      "an exception of one rule that another rule allows",
      a({
        policyTypes: ["Egress"],
        egress: [
          { to: [{ ipBlock: { cidr: "10.0.0.0/8", except: [`${addressOf("cache")}/32`] } }] },
          { to: [peer(second, "cache")], ports: tcp("metrics") },
        ],
      }),
    ],
    [
      "a port name and a range",
      a({ ingress: [{ ports: [{ port: "http" }, { port: 9000, endPort: 9089 }] }] }),
      b({ ingress: [{ ports: [{ port: "other" }, { port: 9000, endPort: 9090 }] }] }),
    ],
    ["a range up to the last port", a({ ingress: [{ ports: [{ port: 8081, endPort: 65_535 }] }] })],
    [
      "default deny with the DNS rule in the same policy",
      a({ policyTypes: ["Ingress", "Egress"], egress: [dnsRule] }),
      b({ policyTypes: ["Ingress", "Egress"], egress: [dnsRule] }),
    ],
    [
      "DNS over UDP only, and over TCP only",
      a({ policyTypes: ["Egress"], egress: [{ ...dnsRule, ports: [{ port: 53, protocol: "UDP" }] }] }),
      b({ policyTypes: ["Egress"], egress: [{ ...dnsRule, ports: [{ port: 53 }] }] }),
    ],
    [
      "DNS by the address of its pod, and of its Service",
      a({ policyTypes: ["Egress"], egress: [{ to: [{ ipBlock: { cidr: `${addressOf("dns")}/32` } }] }] }),
      b({ policyTypes: ["Egress"], egress: [{ to: [{ ipBlock: { cidr: "10.96.0.0/16" } }] }] }),
    ],
    [
      "DNS by addresses outside the cluster, and by all except private addresses",
      a({ policyTypes: ["Egress"], egress: [{ to: [{ ipBlock: { cidr: "203.0.113.0/24" } }] }] }),
      b({
        policyTypes: ["Egress"],
        egress: [
          { to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"] } }] },
        ],
      }),
    ],
    [
      "DNS by all pods of its namespace, and by its label in all namespaces",
      a({ policyTypes: ["Egress"], egress: [{ to: [peer("kube-system")] }] }),
      b({ policyTypes: ["Egress"], egress: [{ to: [{ ...dnsRule.to[0], namespaceSelector: {} }] }] }),
    ],
    [
      "a selector selects no pod on the host network",
      a({ policyTypes: ["Egress"], egress: [{ to: [peer(second, "agent"), peer(second, "cache")] }] }),
    ],
    [
      "an address block includes the pod on the host network",
      a({ policyTypes: ["Egress"], egress: [{ to: [{ ipBlock: { cidr: `${addressOf("agent")}/32` } }] }] }),
    ],
    [
      "a policy for pods on the host network has no effect",
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
