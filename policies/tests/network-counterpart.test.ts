import {
  app,
  findings,
  ids,
  peer,
  policy,
  runRules,
  stackWithout,
  tcp,
  validStack,
  workload,
} from "./network-support.ts";
import type { Json } from "./support.ts";

describe("counterpart", () => {
  test("reports egress without matching ingress, and ingress without matching egress", () => {
    expect(findings(stackWithout("back-from-web"))).toEqual([
      "counterpart: NetworkPolicy front/to-db allows connections on TCP 5432 (spec.egress[0].to[0]), but no ingress policy " +
        "at the other end allows them:\n  Deployment front/web -> Deployment back/db",
    ]);
    expect(findings(stackWithout("front-to-db"))).toEqual([
      "counterpart: NetworkPolicy back/from-web allows connections on TCP 5432 (spec.ingress[0].from[0]), but no egress " +
        "policy at the other end allows them:\n  Deployment front/web -> Deployment back/db",
    ]);
  });

  test("requires no counterpart at an end that no policy isolates", () => {
    expect(ids(findings(stackWithout("back-from-web", "back-default-deny")))).toEqual(["default-deny", "isolation"]);
  });

  test.each<[string, Json]>([
    ["another port", { ports: tcp(5433) }],
    ["another protocol", { ports: [{ protocol: "UDP", port: 5432 }] }],
    ["another app", { from: [peer("front", "admin")] }],
    ["another app of the same namespace", { from: [{ podSelector: app("db") }] }],
    ["a range without the port", { ports: [{ port: 5433, endPort: 6000 }] }],
    ["the name of another port", { ports: tcp("metrics") }],
    [
      "NotIn with its label",
      {
        from: [
          { ...peer("front"), podSelector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] } },
        ],
      },
    ],
  ])("ingress does not match: %s", (_, ingress) => {
    const db = {
      ports: [
        { containerPort: 5432, name: "postgres" },
        { containerPort: 9187, name: "metrics" },
      ],
    };
    expect(ids(findings(validStack({ ingress, db })))).toContain("counterpart");
  });

  test.each<[string, Json]>([
    ["a range with the port", { ports: [{ port: 5000, endPort: 6000 }] }],
    ["the port's name", { ports: tcp("postgres") }],
    ["every port", { ports: undefined }],
    ["the whole namespace", { from: [peer("front")] }],
    [
      "In with its label",
      {
        from: [
          {
            ...peer("front"),
            podSelector: { matchExpressions: [{ key: "app", operator: "In", values: ["web", "x"] }] },
          },
        ],
      },
    ],
    [
      "NotIn with other values",
      {
        from: [
          { ...peer("front"), podSelector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["x"] }] } },
        ],
      },
    ],
    [
      "NotIn of a label that the client does not have",
      {
        from: [
          { ...peer("front"), podSelector: { matchExpressions: [{ key: "tier", operator: "NotIn", values: ["x"] }] } },
        ],
      },
    ],
    [
      "DoesNotExist of a label that the client does not have",
      { from: [{ ...peer("front"), podSelector: { matchExpressions: [{ key: "tier", operator: "DoesNotExist" }] } }] },
    ],
    [
      "a namespaceSelector with matchExpressions",
      {
        from: [
          {
            namespaceSelector: {
              matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: ["front"] }],
            },
          },
        ],
      },
    ],
    ["an address block that may contain the pod", { from: [{ ipBlock: { cidr: "10.244.0.0/16" } }] }],
    ["one of several peers", { from: [peer("other"), peer("front", "web")] }],
  ])("ingress matches: %s", (_, ingress) => {
    const db = { ports: [{ containerPort: 5432, name: "postgres" }] };
    expect(ids(findings(validStack({ ingress, db })))).not.toContain("counterpart");
  });

  test("requires ingress at every pod that a podSelector selects, and at any pod of a whole namespace", () => {
    const replica = workload("back", "replica", { labels: { app: "replica", role: "database" }, ports: [5432] });
    const primary = { labels: { app: "db", role: "database" } };
    const named = { to: [{ ...peer("back"), podSelector: { matchLabels: { role: "database" } } }] };
    expect(findings([...validStack({ egress: named, db: { ...primary, ports: [5432] } }), replica])).toEqual([
      expect.stringContaining("Deployment front/web -> Deployment back/replica"),
    ]);
    expect(findings([...validStack({ egress: { to: [peer("back")] } }), replica])).toEqual([]);
  });

  test("checks policies for pods that another stack creates", () => {
    const stack = stackWithout("front-web");
    expect(findings(stack)).toEqual([]);
    expect(findings(stack.filter(({ name }) => name !== "front-to-db"))).toEqual([
      expect.stringContaining("pods of front that this stack does not create -> Deployment back/db"),
    ]);
  });

  test("reports the policies of an unmanaged namespace as unknown", () => {
    const { found, unknown } = runRules(stackWithout("front", "front-web", "front-to-db", "front-allow-dns"));
    expect(found).toEqual([]);
    expect(unknown).toContainEqual(
      expect.stringContaining("whether namespace front, which is not in this stack, has egress policies"),
    );
  });

  test("requires both rules for connections between pods of one workload", () => {
    const members = (ports: Json[]) =>
      policy("back", "members", {
        podSelector: app("db"),
        policyTypes: ["Ingress", "Egress"],
        egress: [{ to: [{ podSelector: app("db") }], ports: tcp(5432) }],
        ingress: [{ from: [{ podSelector: app("db") }], ports }],
      });
    expect(findings([...validStack(), members(tcp(5432))])).toEqual([]);
    expect(ids(findings([...validStack(), members(tcp(7000))]))).toContain("counterpart");
  });

  test("reports no violation if a policy with an unknown selector may allow the connection", () => {
    const partlyUnknown = policy("back", "unknown-peer", {
      podSelector: app("db"),
      ingress: [{ from: [{ namespaceSelector: { matchLabels: "[secret]" } }], ports: tcp(5432) }],
    });
    expect(ids(findings([...stackWithout("back-from-web"), partlyUnknown]))).toEqual([]);
  });
});
