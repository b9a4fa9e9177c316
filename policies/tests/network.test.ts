import {
  app,
  dnsRule,
  elsewhere,
  findings,
  ids,
  judge,
  namespace,
  peer,
  policy,
  service,
  soundStack,
  tcp,
  workload,
} from "./network-support.ts";
import { resource, type Json } from "./support.ts";

/** Adds to, or leaves out of, the sound stack by Pulumi's resource name. */
function without(...names: readonly string[]) {
  return soundStack().filter(({ name }) => !names.includes(name));
}

test("a stack that denies by default and allows at both ends is passed in silence", () => {
  expect(judge(soundStack())).toMatchObject({ found: [], unknown: [] });
});

describe("N1, N2: default-deny and isolation", () => {
  test("a namespace without a default-deny policy, and the pods that it leaves open", () => {
    const found = findings(without("back-default-deny", "back-allow-dns"));
    expect(found[0]).toContain("Namespace back has no NetworkPolicy that denies ingress and egress by default");
    expect(found.slice(1)).toEqual([expect.stringContaining("isolation: Deployment back/db is open for egress")]);
  });

  test.each<[string, Json, readonly string[]]>([
    ["policyTypes left out mean ingress only", {}, ["egress"]],
    ["policyTypes empty mean ingress only", { policyTypes: [] }, ["egress"]],
    ["one direction", { policyTypes: ["Egress"] }, ["ingress"]],
    ["a rule that allows all is no denial", { policyTypes: ["Ingress", "Egress"], ingress: [{}] }, ["ingress"]],
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
    const found = findings([...without("back-default-deny", "back-allow-dns"), policy("back", "deny", spec)]);
    const denial = found.filter((line) => line.startsWith("default-deny"));
    if (missing.length === 0) expect(denial).toEqual([]);
    else expect(denial).toEqual([expect.stringContaining(`denies ${missing.join(" and ")} by default`)]);
  });

  test("two policies may share the directions", () => {
    const halves = [
      policy("back", "in", { policyTypes: ["Ingress"] }),
      policy("back", "out", { policyTypes: ["Egress"] }),
    ];
    expect(findings([...without("back-default-deny"), ...halves])).toEqual([]);
  });

  test("a namespace of nobody's stack may be denied elsewhere: said so, not violated", () => {
    const { found, unknown } = judge([workload("rented", "web")]);
    expect(found).toEqual([]);
    expect(unknown).toEqual([
      expect.stringContaining("whether a NetworkPolicy denies ingress and egress by default in namespace rented"),
      expect.stringContaining("whether a NetworkPolicy selects Deployment rented/web"),
    ]);
  });

  test("a namespace without workloads needs no policy", () => {
    expect(findings([...soundStack(), namespace("empty")])).toEqual([]);
  });
});

describe("N3: each allow has its counterpart", () => {
  test("egress that no ingress answers, and ingress that no egress answers", () => {
    expect(findings(without("back-from-web"))).toEqual([
      "counterpart: NetworkPolicy front/to-db allows connections on TCP 5432 (spec.egress[0].to[0]), but no ingress " +
        "policy at the other end allows them:\n  Deployment front/web -> Deployment back/db",
    ]);
    expect(findings(without("front-to-db"))).toEqual([
      "counterpart: NetworkPolicy back/from-web allows connections on TCP 5432 (spec.ingress[0].from[0]), but no " +
        "egress policy at the other end allows them:\n  Deployment front/web -> Deployment back/db",
    ]);
  });

  test("the other end is not isolated: nothing is missing", () => {
    expect(ids(findings(without("back-from-web", "back-default-deny")))).toEqual(["default-deny", "isolation"]);
  });

  test.each<[string, Json]>([
    ["another port", { ports: tcp(5433) }],
    ["another protocol", { ports: [{ protocol: "UDP", port: 5432 }] }],
    ["another app", { from: [peer("front", "admin")] }],
    ["another app here", { from: [{ podSelector: app("db") }] }],
    ["a range beside it", { ports: [{ port: 5433, endPort: 6000 }] }],
    ["a name that is another port's", { ports: tcp("metrics") }],
    [
      "a NotIn that excludes it",
      {
        from: [
          { ...peer("front"), podSelector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] } },
        ],
      },
    ],
  ])("an ingress for %s does not answer", (_, ingress) => {
    const db = {
      ports: [
        { containerPort: 5432, name: "postgres" },
        { containerPort: 9187, name: "metrics" },
      ],
    };
    expect(ids(findings(soundStack({ ingress, db })))).toContain("counterpart");
  });

  test.each<[string, Json]>([
    ["a range around the port", { ports: [{ port: 5000, endPort: 6000 }] }],
    ["the port's name", { ports: tcp("postgres") }],
    ["every port", { ports: undefined }],
    ["the whole namespace", { from: [peer("front")] }],
    [
      "In",
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
      "NotIn of others",
      {
        from: [
          { ...peer("front"), podSelector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["x"] }] } },
        ],
      },
    ],
    [
      "NotIn of a label that it lacks",
      {
        from: [
          { ...peer("front"), podSelector: { matchExpressions: [{ key: "tier", operator: "NotIn", values: ["x"] }] } },
        ],
      },
    ],
    [
      "DoesNotExist of a label that it lacks",
      { from: [{ ...peer("front"), podSelector: { matchExpressions: [{ key: "tier", operator: "DoesNotExist" }] } }] },
    ],
    [
      "namespaces by expression",
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
    ["an address block, which may be the pod's", { from: [{ ipBlock: { cidr: "10.244.0.0/16" } }] }],
    ["one of several peers", { from: [peer("other"), peer("front", "web")] }],
  ])("an ingress by %s answers", (_, ingress) => {
    const db = { ports: [{ containerPort: 5432, name: "postgres" }] };
    expect(ids(findings(soundStack({ ingress, db })))).not.toContain("counterpart");
  });

  test("a peer that names pods is answered by each of them, one that names a namespace by any", () => {
    const replica = workload("back", "replica", { labels: { app: "replica", role: "database" }, ports: [5432] });
    const primary = { labels: { app: "db", role: "database" } };
    const named = { to: [{ ...peer("back"), podSelector: { matchLabels: { role: "database" } } }] };
    expect(findings([...soundStack({ egress: named, db: { ...primary, ports: [5432] } }), replica])).toEqual([
      expect.stringContaining("Deployment front/web -> Deployment back/replica"),
    ]);
    expect(findings([...soundStack({ egress: { to: [peer("back")] } }), replica])).toEqual([]);
  });

  test("pods that live elsewhere are judged by what policies say of them", () => {
    const stack = without("front-web");
    expect(findings(stack)).toEqual([]);
    expect(findings(stack.filter(({ name }) => name !== "front-to-db"))).toEqual([
      expect.stringContaining("pods of front that this stack does not create -> Deployment back/db"),
    ]);
  });

  test("what a namespace of nobody's stack allows cannot be known", () => {
    const { found, unknown } = judge(without("front", "front-web", "front-to-db", "front-allow-dns"));
    expect(found).toEqual([]);
    expect(unknown).toContainEqual(
      expect.stringContaining("whether namespace front, which is not in this stack, has egress policies"),
    );
  });

  test("pods of one workload that talk to each other need both rules too", () => {
    const members = (ports: Json[]) =>
      policy("back", "members", {
        podSelector: app("db"),
        policyTypes: ["Ingress", "Egress"],
        egress: [{ to: [{ podSelector: app("db") }], ports: tcp(5432) }],
        ingress: [{ from: [{ podSelector: app("db") }], ports }],
      });
    expect(findings([...soundStack(), members(tcp(5432))])).toEqual([]);
    expect(ids(findings([...soundStack(), members(tcp(7000))]))).toContain("counterpart");
  });

  test("a policy with an unknown part may answer: no false violation", () => {
    const doubtful = policy("back", "late", {
      podSelector: app("db"),
      ingress: [{ from: [{ namespaceSelector: { matchLabels: "[secret]" } }], ports: tcp(5432) }],
    });
    expect(ids(findings([...without("back-from-web"), doubtful]))).toEqual([]);
  });
});

describe("N4: ports are pod ports", () => {
  const pooled = (port: number) => [
    ...soundStack({ db: { ports: [6432] }, egress: { ports: tcp(port) }, ingress: { ports: tcp(6432) } }),
    service("back", "db", 5432, 6432),
  ];

  test("a Service's port in place of the pod's is named as such", () => {
    const found = findings(pooled(5432));
    expect(found).toContainEqual(
      expect.stringContaining(
        "pod-ports: NetworkPolicy front/to-db opens TCP 5432 (spec.egress[0].ports[0]), but none of these pods " +
          "has that port: Deployment back/db (TCP 6432). 5432 is the port of Service back/db, whose pods listen on 6432",
      ),
    );
    expect(findings(pooled(6432))).toEqual([]);
  });

  test.each<[string, Json[], boolean]>([
    ["a number that no container has", tcp(9999), true],
    ["a name that no container has", tcp("http"), true],
    ["the other protocol", [{ protocol: "UDP", port: 5432 }], true],
    ["a range that misses", [{ port: 5433, endPort: 5500 }], true],
    ["a range that meets", [{ port: 5400, endPort: 5500 }], false],
    ["every port of a protocol", [{ protocol: "TCP" }], false],
    ["a name that a container has", tcp("postgres"), false],
  ])("%s", (_, ports, violates) => {
    const db = { ports: [{ containerPort: 5432, name: "postgres" }] };
    expect(ids(findings(soundStack({ egress: { ports }, db }))).includes("pod-ports")).toBe(violates);
    expect(ids(findings(soundStack({ ingress: { ports }, db }))).includes("pod-ports")).toBe(violates);
  });

  test("containers that declare no port may listen on any, and pods elsewhere may too", () => {
    const silent = { ports: undefined } as unknown as { ports: number[] };
    expect(findings(soundStack({ db: silent, egress: { ports: tcp(7777) }, ingress: { ports: tcp(7777) } }))).toEqual(
      [],
    );
    expect(ids(findings([...without("back-db"), service("back", "db", 5432, 6432)]))).not.toContain("pod-ports");
  });

  test("a sidecar's port counts, an init container's does not", () => {
    const ports = [{ containerPort: 5432 }];
    const init = (restartPolicy?: string) => ({
      ports: [1],
      spec: { initContainers: [{ name: "side", ports, restartPolicy }] },
    });
    expect(ids(findings(soundStack({ db: init("Always") })))).not.toContain("pod-ports");
    expect(ids(findings(soundStack({ db: init() })))).toContain("pod-ports");
  });
});

describe("N5: selectors that select nothing", () => {
  test("a policy or a peer that fits no pod of a namespace of the stack", () => {
    const lost = policy("back", "lost", {
      podSelector: app("bd"),
      ingress: [{ from: [peer("front", "wbe")], ports: tcp(1) }],
    });
    const found = findings([...soundStack(), lost]).filter((line) => line.startsWith("dangling"));
    expect(found).toEqual([
      expect.stringContaining("NetworkPolicy back/lost selects no pod: spec.podSelector is app=bd"),
      expect.stringContaining(
        "(spec.ingress[0].from[0]) selects no pod: app=wbe in namespaces kubernetes.io/metadata.name=front",
      ),
    ]);
  });

  test("pods of namespaces without workloads here, or of other stacks, only look lost", () => {
    const { found, unknown } = judge([
      ...soundStack({ ingress: { from: [peer("front", "web"), peer("monitoring", "prometheus")] } }),
    ]);
    expect(found).toEqual([]);
    expect(unknown).toEqual([expect.stringContaining("selects any pod: app=prometheus")]);
  });

  test("the labels that controllers add count", () => {
    const job = workload("back", "init", { kind: "batch/v1:Job", labels: {} });
    const byJob = policy("back", "init", {
      podSelector: { matchLabels: { "batch.kubernetes.io/job-name": "init" } },
      policyTypes: ["Ingress"],
    });
    expect(findings([...soundStack(), job, byJob])).toEqual([]);
    const set = workload("back", "set", { kind: "apps/v1:StatefulSet", replicas: 2 });
    const byPod = (pod: string) =>
      policy("back", "one", {
        podSelector: { matchLabels: { "statefulset.kubernetes.io/pod-name": pod } },
        policyTypes: ["Ingress"],
      });
    expect(findings([...soundStack(), set, byPod("set-1")])).toEqual([]);
    expect(ids(findings([...soundStack(), set, byPod("set-2")]))).toEqual(["dangling"]);
  });
});

describe("N6: nobody is let in by accident", () => {
  const found = (egress: Json, settings = {}) =>
    ids(
      findings(
        [...soundStack(), policy("back", "out", { podSelector: app("db"), policyTypes: ["Egress"], egress: [egress] })],
        settings,
      ),
    );
  const blocks = (...texts: readonly string[]) => texts.map((cidr) => ({ ipBlock: { cidr } }));

  test.each<[string, Json, readonly string[]]>([
    ["an empty rule", {}, ["allow-all"]],
    ["an empty list of peers", { to: [], ports: tcp(443) }, ["allow-all"]],
    ["all pods of all namespaces", { to: [{ namespaceSelector: {} }], ports: tcp(443) }, ["allow-all"]],
    [
      "the same with an empty podSelector",
      { to: [{ namespaceSelector: {}, podSelector: {} }], ports: tcp(443) },
      ["allow-all"],
    ],
    ["all addresses", { to: blocks("0.0.0.0/0"), ports: tcp(443) }, ["allow-all"]],
    ["all addresses of IPv6", { to: blocks("::/0"), ports: tcp(443) }, ["allow-all"]],
    ["two halves", { to: blocks("0.0.0.0/1", "128.0.0.0/1"), ports: tcp(443) }, ["allow-all"]],
    [
      "all but the private ones",
      { to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }], ports: tcp(443) },
      ["allow-all"],
    ],
    [
      "all, of which nearly all is excepted",
      { to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["0.0.0.0/1", "128.0.0.0/2"] } }], ports: tcp(443) },
      [],
    ],
    ["one block", { to: blocks("203.0.113.0/24"), ports: tcp(443) }, []],
    ["no ports", { to: blocks("203.0.113.0/24") }, ["all-ports"]],
    ["a protocol without a port", { to: blocks("203.0.113.0/24"), ports: [{ protocol: "TCP" }] }, ["all-ports"]],
  ])("%s", (_, egress, expected) => {
    expect(found(egress).filter((id) => id.startsWith("all"))).toEqual(expected);
  });

  test("what is meant for anyone is a setting", () => {
    const open = { to: blocks("0.0.0.0/0"), ports: tcp(443) };
    expect(found(open, { allowedCidrs: ["0.0.0.0/0"] })).toEqual([]);
    expect(found(open, { allowedExternalPorts: [443] })).toEqual([]);
    expect(found({ ...open, ports: tcp(443, 80) }, { allowedExternalPorts: [443] })).toEqual(["allow-all"]);
  });

  test("a rule of a direction that is not in policyTypes opens nothing", () => {
    const idle = policy("back", "idle", { policyTypes: ["Ingress"], egress: [{}] });
    expect(ids(findings([...soundStack(), idle]))).toEqual(["selector-pitfall"]);
  });
});

describe("N7: DNS", () => {
  test("a pod that is allowed connections to others, but not to ask for their names", () => {
    expect(findings(without("front-allow-dns"))).toEqual([
      expect.stringContaining(
        "dns: NetworkPolicies allow Deployment front/web to connect to other hosts, but not to query DNS: none allows egress to the DNS pods of kube-system on UDP 53 and TCP 53",
      ),
    ]);
  });

  test("a pod that connects to nobody needs no names", () => {
    expect(findings(without("back-allow-dns"))).toEqual([]);
  });

  test.each<[string, Json, string | undefined]>([
    ["UDP only", { ...dnsRule, ports: [{ protocol: "UDP", port: 53 }] }, "on TCP 53"],
    ["TCP only", { ...dnsRule, ports: tcp(53) }, "on UDP 53"],
    ["another app of kube-system", { ...dnsRule, to: [peer("kube-system", "dns")] }, "on UDP 53 and TCP 53"],
    ["to anyone", { ports: dnsRule.ports }, "opens the DNS port to everyone"],
    ["to all namespaces", { ...dnsRule, to: [{ namespaceSelector: {} }] }, "opens the DNS port to everyone"],
    [
      "the pods in all namespaces, by label",
      { ...dnsRule, to: [{ namespaceSelector: {}, podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }] },
      undefined,
    ],
    ["to kube-system as a whole", { ...dnsRule, to: [peer("kube-system")] }, undefined],
    ["a cache on the node", { ...dnsRule, to: [{ ipBlock: { cidr: "169.254.20.10/32" } }] }, undefined],
  ])("%s", (_, rule, problem) => {
    const stack = [...without("front-allow-dns"), policy("front", "dns", { policyTypes: ["Egress"], egress: [rule] })];
    const found = findings(stack).filter((line) => line.startsWith("dns"));
    expect(found).toEqual(problem === undefined ? [] : [expect.stringContaining(problem)]);
  });

  test("DNS elsewhere is a setting, and pods that do not use the cluster's are left alone", () => {
    const openshift = {
      to: [{ ...peer("openshift-dns"), podSelector: { matchLabels: { dns: "default" } } }],
      ports: [{ protocol: "UDP", port: 5353 }, { port: 5353 }],
    };
    const stack = [
      ...without("front-allow-dns", "back-allow-dns"),
      policy("front", "dns", { policyTypes: ["Egress"], egress: [openshift] }),
    ];
    expect(findings(stack, { dns: { namespace: "openshift-dns", podLabels: { dns: "default" }, port: 5353 } })).toEqual(
      [],
    );
    const own = workload("front", "web", { ports: [8080], spec: { dnsPolicy: "None" } });
    expect(findings([...without("front-allow-dns", "front-web"), own])).toEqual([]);
  });
});

describe("N8: selectors that mean another thing", () => {
  test("two list items are alternatives", () => {
    const split = { from: [{ namespaceSelector: peer("front").namespaceSelector }, { podSelector: app("web") }] };
    expect(findings(soundStack({ ingress: split }))).toContainEqual(
      expect.stringContaining("selector-pitfall: NetworkPolicy back/from-web lists namespaceSelector"),
    );
    const meant = { from: [peer("front"), { podSelector: app("db") }] };
    expect(ids(findings(soundStack({ ingress: meant })))).not.toContain("selector-pitfall");
  });

  test("a podSelector alone means the policy's own namespace", () => {
    const found = findings(soundStack({ ingress: { from: [{ podSelector: app("web") }] } }));
    expect(found).toContainEqual(
      expect.stringContaining("in its own namespace only, where no pod has app=web; namespace front has some"),
    );
    expect(found.some((line) => line.startsWith("dangling"))).toBe(false);
  });

  test("pods by label in all namespaces", () => {
    const found = findings(soundStack({ ingress: { from: [{ namespaceSelector: {}, podSelector: app("web") }] } }));
    expect(found).toEqual([expect.stringContaining("selects pods by label in all namespaces")]);
  });

  test("a namespace label that the namespace does not carry", () => {
    const byName = (labels: Json) => [
      namespace("front", labels),
      ...soundStack({ ingress: { from: [{ namespaceSelector: { matchLabels: { name: "front" } } }] } }).slice(1),
    ];
    expect(findings(byName({}))).toContainEqual(
      expect.stringContaining("selects namespaces by the label name=front, which namespace front does not have"),
    );
    expect(findings(byName({ name: "front" }))).toEqual([]);
  });
});

test("N9: pods on the node's network are out of reach", () => {
  const agent = workload("back", "agent", { kind: "apps/v1:DaemonSet", spec: { hostNetwork: true } });
  expect(findings([...soundStack(), agent])).toEqual([
    expect.stringContaining("host-network: DaemonSet back/agent sets hostNetwork"),
  ]);
  const harmless = workload("back", "agent", { spec: { hostNetwork: false } });
  expect(findings([...soundStack(), harmless])).toEqual([]);
});

test("malformed policies are noted, and taken for doubtful", () => {
  const broken: Json[] = [
    { podSelector: "all" },
    { podSelector: { matchExpressions: [{ key: "a", operator: "in", values: ["b"] }] } },
    { policyTypes: ["ingress"] },
    { ingress: [{ from: [{}] }] },
    { ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0" } }] }] },
    { ingress: [{ ports: [{ port: 80, protocol: "tcp" }] }] },
    { ingress: "none" },
  ];
  for (const spec of broken) {
    const { model } = judge([namespace("back"), policy("back", "broken", spec)]);
    expect({
      spec,
      malformed: model.policies[0]?.object.notes.malformed.size,
      isIncomplete: model.policies[0]?.podSelector.isIncomplete,
    }).toEqual({ spec, malformed: 1, isIncomplete: true });
  }
});

test("the order of resources does not matter", () => {
  const stack = soundStack({ ingress: { ports: tcp(1) } });
  expect(findings(stack.toReversed()).toSorted()).toEqual(findings(stack).toSorted());
  expect(elsewhere(stack.toReversed())).toEqual(elsewhere(stack));
});

test("lists are read as their items", () => {
  const items = soundStack().map(({ props, type }) => ({
    kind: type.split(":").at(-1),
    apiVersion: type.split(":")[1]?.replace("core/", ""),
    ...(props as Json),
  }));
  expect(judge([resource("kubernetes:core/v1:List", { items })])).toMatchObject({ found: [], unknown: [] });
  expect(
    findings([
      resource("kubernetes:core/v1:List", {
        items: items.filter((item) => ((item as Json).metadata as Json).name !== "from-web"),
      }),
    ]),
  ).toHaveLength(1);
});
