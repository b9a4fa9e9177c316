import { app, dnsRule, elsewhere, findings, ids, peer, policy, soundStack, tcp, unknown } from "./network-support.ts";
import type { Json } from "./support.ts";

function without(...names: readonly string[]) {
  return soundStack().filter(({ name }) => !names.includes(name));
}

const both = { policyTypes: ["Ingress", "Egress"] };
const privateBlocks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

describe("a default-deny policy that carries the rule for DNS", () => {
  const deny = (egress: Json[]) => [
    ...without("front-default-deny", "front-allow-dns"),
    policy("front", "deny", { ...both, egress }),
  ];

  test("denies by default", () => {
    expect(findings(deny([dnsRule]))).toEqual([]);
  });

  test.each<[string, Json[], readonly string[]]>([
    ["another port beside DNS", [dnsRule, { ...dnsRule, ports: tcp(443) }], ["default-deny"]],
    ["the DNS pods on every port", [{ to: dnsRule.to }], ["default-deny", "all-ports"]],
    [
      "a range around DNS",
      [{ ...dnsRule, ports: [{ port: 1, endPort: 53, protocol: "UDP" }] }],
      ["default-deny", "dns"],
    ],
    ["DNS to anyone, which is said by its own control", [{ ports: dnsRule.ports }], ["dns"]],
  ])("%s", (_, egress, expected) => {
    expect(ids(findings(deny(egress)))).toEqual(expected);
  });

  test("a rule for port 53 is none for ingress", () => {
    const ingress = [{ from: [peer("front")], ports: dnsRule.ports }];
    const stack = [...without("back-default-deny"), policy("back", "deny", { ...both, ingress })];
    expect(ids(findings(stack))).toContain("default-deny");
  });
});

describe("who is allowed to connect outside asks DNS, too", () => {
  const outside = (rule: Json, dns: Json = {}) => [
    ...without("back-allow-dns"),
    policy("back", "out", {
      podSelector: app("db"),
      policyTypes: ["Egress"],
      egress: [rule, ...(dns.to ? [dns] : [])],
    }),
  ];
  const blocks = (cidr: string, ...except: readonly string[]) => ({
    to: [{ ipBlock: { cidr, except } }],
    ports: tcp(443),
  });

  test.each<[string, Json]>([
    ["an address block", blocks("203.0.113.0/24")],
    ["anyone", { ports: tcp(443) }],
    ["all but the private addresses", blocks("0.0.0.0/0", ...privateBlocks)],
  ])("%s", (_, rule) => {
    const settings = { allowedExternalPorts: [443] };
    expect(ids(findings(outside(rule), settings))).toEqual(["dns"]);
    expect(findings(outside(rule, dnsRule), settings)).toEqual([]);
  });

  test.each<[string, Json]>([
    ["the metadata of the cloud, which has no name", blocks("169.254.169.254/32")],
    ["DNS itself", { to: [{ ipBlock: { cidr: "10.96.0.10/32" } }], ports: dnsRule.ports }],
    ["who is not known", { to: unknown, ports: tcp(443) }],
  ])("but for %s", (_, rule) => {
    expect(findings(outside(rule))).toEqual([]);
  });
});

describe("an address block answers for the cluster's DNS", () => {
  const asks = (cidr: string, ...except: readonly string[]) => [
    ...without("front-allow-dns"),
    policy("front", "dns", {
      policyTypes: ["Egress"],
      egress: [{ to: [{ ipBlock: { cidr, except } }], ports: dnsRule.ports }],
    }),
  ];
  const settings = { allowedCidrs: ["0.0.0.0/0", "::/0"] };

  test.each<[string, string, ...string[]]>([
    ["all addresses", "0.0.0.0/0"],
    ["all addresses but one private range", "0.0.0.0/0", "10.0.0.0/8"],
    ["one private range", "10.96.0.0/12"],
    ["its address", "10.96.0.10/32"],
    ["a cache on the node", "169.254.20.10/32"],
    ["carriers' addresses, as some clouds have them", "100.64.0.0/10"],
    ["private addresses of IPv6", "fd00::/8"],
  ])("%s", (_, cidr, ...except) => {
    expect(findings(asks(cidr, ...except), settings)).toEqual([]);
  });

  test.each<[string, string, ...string[]]>([
    ["all but the private addresses", "0.0.0.0/0", ...privateBlocks],
    ["a public range", "8.8.8.0/24"],
    ["a private range of which all is excepted", "10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9"],
    ["public addresses of IPv6", "2001:db8::/32"],
  ])("not %s", (_, cidr, ...except) => {
    expect(ids(findings(asks(cidr, ...except), settings))).toEqual(["dns"]);
  });

  test("the same for counterparts: pods have private addresses", () => {
    const from = (cidr: string, ...except: readonly string[]) =>
      soundStack({ ingress: { from: [{ ipBlock: { cidr, except } }] } });
    expect(findings(from("10.244.0.0/16"))).toEqual([]);
    expect(ids(findings(from("203.0.113.0/24")))).toEqual(["counterpart"]);
    expect(ids(findings(from("0.0.0.0/0", ...privateBlocks), settings))).toEqual(["counterpart"]);
    expect(elsewhere(from("10.244.0.0/16"))).toEqual([]);
  });
});
