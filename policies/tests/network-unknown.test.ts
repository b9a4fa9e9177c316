import { resource, type Json } from "./support.ts";
import {
  app,
  denyAll,
  doubts,
  findings,
  ids,
  namespace,
  peer,
  policy,
  soundStack,
  tcp,
  unknown,
  workload,
} from "./network-support.ts";

/** The sound stack without one of its resources, and with others. */
function withChanged(name: string, ...others: Parameters<typeof findings>[0]) {
  return [...soundStack().filter((each) => each.name !== name), ...others];
}

const byTeam = { from: [{ namespaceSelector: { matchLabels: { team: "a" } }, podSelector: app("web") }] };
const byTier = (spec: Json) => policy("back", "from-web", { podSelector: { matchLabels: { tier: "data" } }, ...spec });
const fromWeb = { policyTypes: ["Ingress"], ingress: [{ from: [peer("front", "web")], ports: tcp(5432) }] };

describe("one value that is not known is a doubt, and not an absence", () => {
  test.each<[string, Parameters<typeof findings>[0], string]>([
    [
      "a label of the namespace that a peer selects by",
      [namespace("front", { team: unknown }), ...soundStack({ ingress: byTeam }).slice(1)],
      "Namespace front: metadata.labels.team",
    ],
    [
      "all labels of that namespace",
      [namespace("front", unknown as unknown as Json), ...soundStack({ ingress: byTeam }).slice(1)],
      "Namespace front: metadata.labels",
    ],
    [
      "a label of the server that the policy selects by",
      [
        ...soundStack().filter(({ name }) => name !== "back-from-web" && name !== "back-db"),
        workload("back", "db", { labels: { app: "db", tier: unknown }, ports: [5432] }),
        byTier(fromWeb),
      ],
      "Deployment back/db: spec.template.metadata.labels.tier",
    ],
    [
      "all labels of the server",
      withChanged("back-db", workload("back", "db", { labels: unknown as unknown as Json, ports: [5432] })),
      "Deployment back/db: spec.template.metadata.labels",
    ],
    [
      "the port of the server",
      withChanged("back-db", workload("back", "db", { ports: [{ containerPort: unknown }] })),
      "Deployment back/db: spec.template.spec.containers[0].ports[0].containerPort",
    ],
    [
      "whether the server is on the node's network",
      withChanged("back-db", workload("back", "db", { ports: [5432], spec: { hostNetwork: unknown } })),
      "Deployment back/db: spec.template.spec.hostNetwork",
    ],
    [
      "the port that the answer opens",
      soundStack({ ingress: { ports: [{ port: unknown }] } }),
      "NetworkPolicy back/from-web: spec.ingress[0].ports[0].port",
    ],
    [
      "the end of a range",
      soundStack({ ingress: { ports: [{ port: 5000, endPort: unknown }] } }),
      "NetworkPolicy back/from-web: spec.ingress[0].ports[0].endPort",
    ],
    [
      "the peer that the answer allows",
      soundStack({ ingress: { from: [unknown] } }),
      "NetworkPolicy back/from-web: spec.ingress[0].from[0]",
    ],
    [
      "its exceptions",
      soundStack({ ingress: { from: [{ ipBlock: { cidr: "10.0.0.0/8", except: unknown } }] } }),
      "NetworkPolicy back/from-web: spec.ingress[0].from[0].ipBlock.except",
    ],
    [
      "the directions of the default-deny policy",
      withChanged("back-default-deny", policy("back", "deny", { policyTypes: unknown })),
      "NetworkPolicy back/deny: spec.policyTypes",
    ],
    [
      "the namespace of the default-deny policy",
      withChanged("back-default-deny", denyAll(unknown)),
      "NetworkPolicy ?/default-deny: metadata.namespace",
    ],
    [
      "the namespace of the server",
      withChanged("back-db", workload(unknown, "db", { ports: [5432] })),
      "Deployment ?/db: metadata.namespace",
    ],
  ])("%s", (_, stack, doubt) => {
    expect(findings(stack)).toEqual([]);
    expect(doubts(stack)).toContain(doubt);
  });
});

describe("the opposites: the same values, known", () => {
  test.each<[string, Parameters<typeof findings>[0], readonly string[]]>([
    [
      "the namespace has the label",
      [namespace("front", { team: "a" }), ...soundStack({ ingress: byTeam }).slice(1)],
      [],
    ],
    [
      "it has another",
      [namespace("front", { team: "b" }), ...soundStack({ ingress: byTeam }).slice(1)],
      ["counterpart"],
    ],
    ["the answer opens another port", soundStack({ ingress: { ports: tcp(5433) } }), ["counterpart", "pod-ports"]],
    [
      "the default-deny policy is of another namespace",
      withChanged("back-default-deny", denyAll("front")).filter(({ name }) => name !== "back-allow-dns"),
      ["default-deny", "isolation"],
    ],
  ])("%s", (_, stack, expected) => {
    expect(ids(findings(stack))).toEqual(expected);
    expect(doubts(stack)).toEqual([]);
  });

  test("a value that nothing asks for is no doubt", () => {
    const labels = { app: "db", version: unknown };
    expect(doubts(withChanged("back-db", workload("back", "db", { labels, ports: [5432] })))).toEqual([]);
    expect(doubts([namespace("front", { team: unknown }), ...soundStack().slice(1)])).toEqual([]);
  });

  test("what stands whatever the value becomes is a violation", () => {
    const elsewhere = { from: [peer("front", "admin")], ports: [{ port: unknown }] };
    expect(ids(findings(soundStack({ ingress: elsewhere })))).toContain("counterpart");
    const labels = { app: "other", tier: unknown };
    expect(findings([...soundStack(), workload("front", "admin", { labels, ports: [1] })])).toEqual([]);
    const open = workload("front", "other", { labels });
    expect(findings([namespace("front"), open])).toContainEqual(expect.stringContaining("isolation"));
  });
});

test("a Namespace whose name is not known is not the one of the same Pulumi name", () => {
  const prod = resource("kubernetes:core/v1:Namespace", { metadata: { name: unknown } }, "prod");
  const stack = [...soundStack(), prod, workload("prod", "x")];
  expect(findings(stack)).toEqual([]);
  expect(doubts(stack)).toEqual(["Namespace prod: metadata.name"]);
  expect(ids(findings([...soundStack(), namespace("prod"), workload("prod", "x")]))).toEqual([
    "default-deny",
    "isolation",
  ]);
});

test("a list of which something is not known may hold anything", () => {
  const rest = soundStack().filter(({ name }) => name !== "back-from-web");
  const items = (list: unknown) => [...rest, resource("kubernetes:core/v1:List", { items: list }, "list")];
  expect(ids(findings(items([])))).toEqual(["counterpart"]);
  for (const list of [unknown, [unknown], [{ apiVersion: "networking.k8s.io/v1", kind: unknown }]]) {
    expect(findings(items(list))).toEqual([]);
    expect(doubts(items(list))).toEqual([expect.stringMatching(/^List default\/list: items/)]);
  }
});
