import { app, peer, tcp } from "../network-support.ts";
import type { Json } from "../support.ts";

/** Policies, by namespace, that are in force together. */
export type NetworkCase = readonly [title: string, ...policies: { readonly at: string; readonly spec: Json }[]];

const expressions = (...matchExpressions: Json[]) => ({ matchExpressions });

/**
 * Every form of selector, peer, port and default. `web` (front) and `db` are in the first namespace; `web`, `job` and
 * `cache` (back) in the second; `db` and `cache` listen on 8080 ("http") and 9090 ("metrics").
 */
export function networkCases(
  [first, second]: readonly [string, string],
  addressOf: (server: string) => string,
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
  ];
}
