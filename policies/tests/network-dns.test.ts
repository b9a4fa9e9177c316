import {
  app,
  dnsRule,
  elsewhere,
  findings,
  ids,
  peer,
  policy,
  stackWithout,
  tcp,
  unknown,
  validStack,
  workload,
} from "./network-support.ts";
import type { Json } from "./support.ts";

const bothDirections = { policyTypes: ["Ingress", "Egress"] };
const privateBlocks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

describe("dns", () => {
  test("reports a pod that may connect to others, but may not query DNS", () => {
    expect(findings(stackWithout("front-allow-dns"))).toEqual([
      expect.stringContaining(
        "dns: NetworkPolicies allow Deployment front/web to connect to other hosts, but not to query DNS: none allows egress to the DNS pods of kube-system on UDP 53 and TCP 53",
      ),
    ]);
  });

  test("requires no DNS for a pod without allowed egress", () => {
    expect(findings(stackWithout("back-allow-dns"))).toEqual([]);
  });

  test.each<[string, Json, string | undefined]>([
    ["UDP only", { ...dnsRule, ports: [{ protocol: "UDP", port: 53 }] }, "on TCP 53"],
    ["TCP only", { ...dnsRule, ports: tcp(53) }, "on UDP 53"],
    ["another app of kube-system", { ...dnsRule, to: [peer("kube-system", "dns")] }, "on UDP 53 and TCP 53"],
    ["any destination", { ports: dnsRule.ports }, "opens the DNS port to everyone"],
    ["all namespaces", { ...dnsRule, to: [{ namespaceSelector: {} }] }, "opens the DNS port to everyone"],
    [
      "the DNS pods by label, in all namespaces",
      { ...dnsRule, to: [{ namespaceSelector: {}, podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }] },
      undefined,
    ],
    ["all pods of kube-system", { ...dnsRule, to: [peer("kube-system")] }, undefined],
    ["the node-local cache", { ...dnsRule, to: [{ ipBlock: { cidr: "169.254.20.10/32" } }] }, undefined],
  ])("%s", (_, rule, problem) => {
    const dns = policy("front", "dns", { policyTypes: ["Egress"], egress: [rule] });
    const stack = [...stackWithout("front-allow-dns"), dns];
    const found = findings(stack).filter((line) => line.startsWith("dns"));
    expect(found).toEqual(problem === undefined ? [] : [expect.stringContaining(problem)]);
  });

  test("the DNS pods are a setting, and pods that do not use the cluster's DNS are skipped", () => {
    const openshift = {
      to: [{ ...peer("openshift-dns"), podSelector: { matchLabels: { dns: "default" } } }],
      ports: [{ protocol: "UDP", port: 5353 }, { port: 5353 }],
    };
    const stack = [
      ...stackWithout("front-allow-dns", "back-allow-dns"),
      policy("front", "dns", { policyTypes: ["Egress"], egress: [openshift] }),
    ];
    expect(findings(stack, { dns: { namespace: "openshift-dns", podLabels: { dns: "default" }, port: 5353 } })).toEqual(
      [],
    );
    const own = workload("front", "web", { ports: [8080], spec: { dnsPolicy: "None" } });
    expect(findings([...stackWithout("front-allow-dns", "front-web"), own])).toEqual([]);
  });
});

describe("a default-deny policy that includes the DNS rule", () => {
  const deny = (egress: Json[]) => [
    ...stackWithout("front-default-deny", "front-allow-dns"),
    policy("front", "deny", { ...bothDirections, egress }),
  ];

  test("denies by default", () => {
    expect(findings(deny([dnsRule]))).toEqual([]);
  });

  test.each<[string, Json[], readonly string[]]>([
    ["another rule with another port", [dnsRule, { ...dnsRule, ports: tcp(443) }], ["default-deny"]],
    ["all ports of the DNS pods", [{ to: dnsRule.to }], ["default-deny", "all-ports"]],
    [
      "a port range that includes 53",
      [{ ...dnsRule, ports: [{ port: 1, endPort: 53, protocol: "UDP" }] }],
      ["default-deny", "dns"],
    ],
    ["DNS to any destination, which only the control dns reports", [{ ports: dnsRule.ports }], ["dns"]],
  ])("%s", (_, egress, expected) => {
    expect(ids(findings(deny(egress)))).toEqual(expected);
  });

  test("does not deny by default with an ingress rule for port 53", () => {
    const ingress = [{ from: [peer("front")], ports: dnsRule.ports }];
    const stack = [...stackWithout("back-default-deny"), policy("back", "deny", { ...bothDirections, ingress })];
    expect(ids(findings(stack))).toContain("default-deny");
  });
});

describe("egress to addresses outside the cluster requires DNS", () => {
  const outside = (rule: Json, dns: Json = {}) => [
    ...stackWithout("back-allow-dns"),
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
    ["any destination", { ports: tcp(443) }],
    ["all addresses except the private ranges", blocks("0.0.0.0/0", ...privateBlocks)],
  ])("%s", (_, rule) => {
    const settings = { allowedExternalPorts: [443] };
    expect(ids(findings(outside(rule), settings))).toEqual(["dns"]);
    expect(findings(outside(rule, dnsRule), settings)).toEqual([]);
  });

  test.each<[string, Json]>([
    ["the cloud metadata address, which has no DNS name", blocks("169.254.169.254/32")],
    ["the DNS Service", { to: [{ ipBlock: { cidr: "10.96.0.10/32" } }], ports: dnsRule.ports }],
    ["unknown peers", { to: unknown, ports: tcp(443) }],
  ])("not for %s", (_, rule) => {
    expect(findings(outside(rule))).toEqual([]);
  });
});

describe("an address block may include the cluster's DNS", () => {
  const allowsDns = (cidr: string, ...except: readonly string[]) => [
    ...stackWithout("front-allow-dns"),
    policy("front", "dns", {
      policyTypes: ["Egress"],
      egress: [{ to: [{ ipBlock: { cidr, except } }], ports: dnsRule.ports }],
    }),
  ];
  const settings = { allowedCidrs: ["0.0.0.0/0", "::/0"] };

  test.each<[string, string, ...string[]]>([
    ["all addresses", "0.0.0.0/0"],
    ["all addresses except one private range", "0.0.0.0/0", "10.0.0.0/8"],
    ["one private range", "10.96.0.0/12"],
    ["the address of the DNS Service", "10.96.0.10/32"],
    ["the node-local cache", "169.254.20.10/32"],
    ["shared address space (RFC 6598), which some clouds use for pods", "100.64.0.0/10"],
    ["private IPv6 addresses", "fd00::/8"],
  ])("%s", (_, cidr, ...except) => {
    expect(findings(allowsDns(cidr, ...except), settings)).toEqual([]);
  });

  test.each<[string, string, ...string[]]>([
    ["all addresses except the private ranges", "0.0.0.0/0", ...privateBlocks],
    ["a public range", "8.8.8.0/24"],
    ["a private range with everything excepted", "10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9"],
    ["public IPv6 addresses", "2001:db8::/32"],
  ])("not %s", (_, cidr, ...except) => {
    expect(ids(findings(allowsDns(cidr, ...except), settings))).toEqual(["dns"]);
  });

  test("counterpart: only a private block may include pods", () => {
    const from = (cidr: string, ...except: readonly string[]) =>
      validStack({ ingress: { from: [{ ipBlock: { cidr, except } }] } });
    expect(findings(from("10.244.0.0/16"))).toEqual([]);
    expect(ids(findings(from("203.0.113.0/24")))).toEqual(["counterpart"]);
    expect(ids(findings(from("0.0.0.0/0", ...privateBlocks), settings))).toEqual(["counterpart"]);
    expect(elsewhere(from("10.244.0.0/16"))).toEqual([]);
  });
});
