import { resource, type Json } from "./support.ts";
import {
  denyAll,
  findings,
  fromTeamA,
  ids,
  namespace,
  peer,
  policy,
  stackWithout,
  tcp,
  unknown,
  unknownValues,
  validStack,
  workload,
} from "./network-support.ts";

/** The valid stack with one of its resources replaced by others. */
function replacing(name: string, ...others: Parameters<typeof findings>[0]) {
  return [...stackWithout(name), ...others];
}

const byTier = (spec: Json) => policy("back", "from-web", { podSelector: { matchLabels: { tier: "data" } }, ...spec });
const fromWeb = { policyTypes: ["Ingress"], ingress: [{ from: [peer("front", "web")], ports: tcp(5432) }] };

describe("an unknown value is reported as unknown, and causes no violation", () => {
  test.each<[string, Parameters<typeof findings>[0], string]>([
    [
      "a label of the namespace that a peer selects by",
      [namespace("front", { team: unknown }), ...validStack({ ingress: fromTeamA }).slice(1)],
      "Namespace front: metadata.labels.team",
    ],
    [
      "all labels of the namespace",
      [namespace("front", unknown as unknown as Json), ...validStack({ ingress: fromTeamA }).slice(1)],
      "Namespace front: metadata.labels",
    ],
    [
      "a label of the server that the policy selects by",
      [
        ...stackWithout("back-from-web", "back-db"),
        workload("back", "db", { labels: { app: "db", tier: unknown }, ports: [5432] }),
        byTier(fromWeb),
      ],
      "Deployment back/db: spec.template.metadata.labels.tier",
    ],
    [
      "all labels of the server",
      replacing("back-db", workload("back", "db", { labels: unknown as unknown as Json, ports: [5432] })),
      "Deployment back/db: spec.template.metadata.labels",
    ],
    [
      "the port of the server",
      replacing("back-db", workload("back", "db", { ports: [{ containerPort: unknown }] })),
      "Deployment back/db: spec.template.spec.containers[0].ports[0].containerPort",
    ],
    [
      "hostNetwork of the server",
      replacing("back-db", workload("back", "db", { ports: [5432], spec: { hostNetwork: unknown } })),
      "Deployment back/db: spec.template.spec.hostNetwork",
    ],
    [
      "the port of the ingress rule",
      validStack({ ingress: { ports: [{ port: unknown }] } }),
      "NetworkPolicy back/from-web: spec.ingress[0].ports[0].port",
    ],
    [
      "the end of its port range",
      validStack({ ingress: { ports: [{ port: 5000, endPort: unknown }] } }),
      "NetworkPolicy back/from-web: spec.ingress[0].ports[0].endPort",
    ],
    [
      "the peer of the ingress rule",
      validStack({ ingress: { from: [unknown] } }),
      "NetworkPolicy back/from-web: spec.ingress[0].from[0]",
    ],
    [
      "the exceptions of its address block",
      validStack({ ingress: { from: [{ ipBlock: { cidr: "10.0.0.0/8", except: unknown } }] } }),
      "NetworkPolicy back/from-web: spec.ingress[0].from[0].ipBlock.except",
    ],
    [
      "policyTypes of the default-deny policy",
      replacing("back-default-deny", policy("back", "deny", { policyTypes: unknown })),
      "NetworkPolicy back/deny: spec.policyTypes",
    ],
    [
      "the namespace of the default-deny policy",
      replacing("back-default-deny", denyAll(unknown)),
      "NetworkPolicy ?/default-deny: metadata.namespace",
    ],
    [
      "the namespace of the server",
      replacing("back-db", workload(unknown, "db", { ports: [5432] })),
      "Deployment ?/db: metadata.namespace",
    ],
  ])("%s", (_, stack, unknownValue) => {
    expect(findings(stack)).toEqual([]);
    expect(unknownValues(stack)).toContain(unknownValue);
  });
});

describe("the same values, known", () => {
  test.each<[string, Parameters<typeof findings>[0], readonly string[]]>([
    [
      "the namespace has the label",
      [namespace("front", { team: "a" }), ...validStack({ ingress: fromTeamA }).slice(1)],
      [],
    ],
    [
      "the namespace has another value",
      [namespace("front", { team: "b" }), ...validStack({ ingress: fromTeamA }).slice(1)],
      ["counterpart"],
    ],
    ["the rule allows another port", validStack({ ingress: { ports: tcp(5433) } }), ["counterpart", "pod-ports"]],
    [
      "the default-deny policy is in another namespace",
      replacing("back-default-deny", denyAll("front")).filter(({ name }) => name !== "back-allow-dns"),
      ["default-deny", "isolation"],
    ],
  ])("%s", (_, stack, expected) => {
    expect(ids(findings(stack))).toEqual(expected);
    expect(unknownValues(stack)).toEqual([]);
  });

  test("an unknown value that no selector uses is not reported", () => {
    const labels = { app: "db", version: unknown };
    expect(unknownValues(replacing("back-db", workload("back", "db", { labels, ports: [5432] })))).toEqual([]);
    expect(unknownValues([namespace("front", { team: unknown }), ...validStack().slice(1)])).toEqual([]);
  });

  test("a violation that no value could prevent is reported", () => {
    const otherPeer = { from: [peer("front", "admin")], ports: [{ port: unknown }] };
    expect(ids(findings(validStack({ ingress: otherPeer })))).toContain("counterpart");
    const labels = { app: "other", tier: unknown };
    expect(findings([...validStack(), workload("front", "admin", { labels, ports: [1] })])).toEqual([]);
    const open = workload("front", "other", { labels });
    expect(findings([namespace("front"), open])).toContainEqual(expect.stringContaining("isolation"));
  });
});

test("a Namespace with an unknown name is not matched by its Pulumi resource name", () => {
  const prod = resource("kubernetes:core/v1:Namespace", { metadata: { name: unknown } }, "prod");
  const stack = [...validStack(), prod, workload("prod", "x")];
  expect(findings(stack)).toEqual([]);
  expect(unknownValues(stack)).toEqual(["Namespace prod: metadata.name"]);
  expect(ids(findings([...validStack(), namespace("prod"), workload("prod", "x")]))).toEqual([
    "default-deny",
    "isolation",
  ]);
});

test("a List with an unknown item may contain any object", () => {
  const rest = stackWithout("back-from-web");
  const items = (list: unknown) => [...rest, resource("kubernetes:core/v1:List", { items: list }, "list")];
  expect(ids(findings(items([])))).toEqual(["counterpart"]);
  for (const list of [unknown, [unknown], [{ apiVersion: "networking.k8s.io/v1", kind: unknown }]]) {
    expect(findings(items(list))).toEqual([]);
    expect(unknownValues(items(list))).toEqual([expect.stringMatching(/^List default\/list: items/)]);
  }
});
