import {
  app,
  elsewhere,
  findings,
  ids,
  listItem,
  namespace,
  policy,
  runRules,
  stackWithout,
  tcp,
  validStack,
  workload,
} from "./network-support.ts";
import { resource, type Json } from "./support.ts";

test("reports nothing for a stack that denies by default and allows each connection at both ends", () => {
  expect(runRules(validStack())).toMatchObject({ found: [], unknown: [] });
});

describe("default-deny and isolation", () => {
  test("reports a namespace without a default-deny policy, and its pods that no policy isolates", () => {
    const found = findings(stackWithout("back-default-deny", "back-allow-dns"));
    expect(found[0]).toContain("Namespace back has no NetworkPolicy that denies ingress and egress by default");
    expect(found.slice(1)).toEqual([expect.stringContaining("isolation: Deployment back/db is open for egress")]);
  });

  test.each<[string, Json, readonly string[]]>([
    ["policyTypes omitted: Ingress only", {}, ["egress"]],
    ["policyTypes empty: Ingress only", { policyTypes: [] }, ["egress"]],
    ["one direction only", { policyTypes: ["Egress"] }, ["ingress"]],
    ["a rule that allows all does not deny", { policyTypes: ["Ingress", "Egress"], ingress: [{}] }, ["ingress"]],
    ["an empty list of rules denies", { policyTypes: ["Ingress", "Egress"], ingress: [], egress: [] }, []],
    [
      "null rules and a null selector deny all pods",
      { policyTypes: ["Ingress", "Egress"], podSelector: null, ingress: null },
      [],
    ],
    [
      "a selector that selects some pods",
      { policyTypes: ["Ingress", "Egress"], podSelector: { matchExpressions: [{ key: "app", operator: "Exists" }] } },
      ["ingress", "egress"],
    ],
  ])("%s", (_, spec, missing) => {
    const found = findings([...stackWithout("back-default-deny", "back-allow-dns"), policy("back", "deny", spec)]);
    const denial = found.filter((line) => line.startsWith("default-deny"));
    if (missing.length === 0) expect(denial).toEqual([]);
    else expect(denial).toEqual([expect.stringContaining(`denies ${missing.join(" and ")} by default`)]);
  });

  test("accepts one policy for each direction", () => {
    const halves = [
      policy("back", "in", { policyTypes: ["Ingress"] }),
      policy("back", "out", { policyTypes: ["Egress"] }),
    ];
    expect(findings([...stackWithout("back-default-deny"), ...halves])).toEqual([]);
  });

  test("reports an unmanaged namespace as unknown, not as a violation: another stack may deny by default", () => {
    const { found, unknown } = runRules([workload("unmanaged", "web")]);
    expect(found).toEqual([]);
    expect(unknown).toEqual([
      expect.stringContaining("whether a NetworkPolicy denies ingress and egress by default in namespace unmanaged"),
      expect.stringContaining("whether a NetworkPolicy selects Deployment unmanaged/web"),
    ]);
  });

  test("does not require a policy in a namespace without workloads", () => {
    expect(findings([...validStack(), namespace("empty")])).toEqual([]);
  });
});

describe("allow-all and all-ports", () => {
  const found = (egress: Json, settings = {}) =>
    ids(
      findings(
        [...validStack(), policy("back", "out", { podSelector: app("db"), policyTypes: ["Egress"], egress: [egress] })],
        settings,
      ),
    );
  const blocks = (...texts: readonly string[]) => texts.map((cidr) => ({ ipBlock: { cidr } }));

  test.each<[string, Json, readonly string[]]>([
    ["an empty rule", {}, ["allow-all"]],
    ["an empty peer list", { to: [], ports: tcp(443) }, ["allow-all"]],
    ["all pods of all namespaces", { to: [{ namespaceSelector: {} }], ports: tcp(443) }, ["allow-all"]],
    [
      "all pods of all namespaces, with an empty podSelector",
      { to: [{ namespaceSelector: {}, podSelector: {} }], ports: tcp(443) },
      ["allow-all"],
    ],
    ["all IPv4 addresses", { to: blocks("0.0.0.0/0"), ports: tcp(443) }, ["allow-all"]],
    ["all IPv6 addresses", { to: blocks("::/0"), ports: tcp(443) }, ["allow-all"]],
    ["two blocks that cover all addresses", { to: blocks("0.0.0.0/1", "128.0.0.0/1"), ports: tcp(443) }, ["allow-all"]],
    [
      "all addresses except a private range",
      { to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }], ports: tcp(443) },
      ["allow-all"],
    ],
    [
      "all addresses with most of them excepted",
      { to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["0.0.0.0/1", "128.0.0.0/2"] } }], ports: tcp(443) },
      [],
    ],
    ["one address block", { to: blocks("203.0.113.0/24"), ports: tcp(443) }, []],
    ["no ports", { to: blocks("203.0.113.0/24") }, ["all-ports"]],
    ["a protocol without a port", { to: blocks("203.0.113.0/24"), ports: [{ protocol: "TCP" }] }, ["all-ports"]],
  ])("%s", (_, egress, expected) => {
    expect(found(egress).filter((id) => id.startsWith("all"))).toEqual(expected);
  });

  test("settings allow address blocks and ports", () => {
    const open = { to: blocks("0.0.0.0/0"), ports: tcp(443) };
    expect(found(open, { allowedCidrs: ["0.0.0.0/0"] })).toEqual([]);
    expect(found(open, { allowedExternalPorts: [443] })).toEqual([]);
    expect(found({ ...open, ports: tcp(443, 80) }, { allowedExternalPorts: [443] })).toEqual(["allow-all"]);
  });

  test("ignores rules of a direction that policyTypes does not list", () => {
    const idle = policy("back", "idle", { policyTypes: ["Ingress"], egress: [{}] });
    expect(ids(findings([...validStack(), idle]))).toEqual(["selector-pitfall"]);
  });
});

test("reports pods on the host network", () => {
  const agent = workload("back", "agent", { kind: "apps/v1:DaemonSet", spec: { hostNetwork: true } });
  expect(findings([...validStack(), agent])).toEqual([
    expect.stringContaining("host-network: DaemonSet back/agent sets hostNetwork"),
  ]);
  const onPodNetwork = workload("back", "agent", { spec: { hostNetwork: false } });
  expect(findings([...validStack(), onPodNetwork])).toEqual([]);
});

test("reports malformed policies, and treats their selectors as unknown", () => {
  const specs: Json[] = [
    { podSelector: "all" },
    { podSelector: { matchExpressions: [{ key: "a", operator: "in", values: ["b"] }] } },
    { policyTypes: ["ingress"] },
    { ingress: [{ from: [{}] }] },
    { ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0" } }] }] },
    { ingress: [{ ports: [{ port: 80, protocol: "tcp" }] }] },
    { ingress: "none" },
  ];
  for (const spec of specs) {
    const { model } = runRules([namespace("back"), policy("back", "malformed", spec)]);
    expect({
      spec,
      malformed: model.policies[0]?.object.notes.malformed.size,
      isIncomplete: model.policies[0]?.podSelector.isIncomplete,
    }).toEqual({ spec, malformed: 1, isIncomplete: true });
  }
});

test("the order of resources does not matter", () => {
  const stack = validStack({ ingress: { ports: tcp(1) } });
  expect(findings(stack.toReversed()).toSorted()).toEqual(findings(stack).toSorted());
  expect(elsewhere(stack.toReversed())).toEqual(elsewhere(stack));
});

test("reads a List as its items", () => {
  const items = validStack().map(listItem);
  expect(runRules([resource("kubernetes:core/v1:List", { items })])).toMatchObject({ found: [], unknown: [] });
  const incomplete = stackWithout("back-from-web").map(listItem);
  expect(findings([resource("kubernetes:core/v1:List", { items: incomplete })])).toHaveLength(1);
});
