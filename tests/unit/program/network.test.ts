import { describe, expect, test } from "@jest/globals";
import { BlockList } from "node:net";
import type { Endpoint, Flow } from "../../../components/network/endpoint.ts";
import { flows } from "../../../components/network/flows.ts";
import { basePolicies, policiesFor } from "../../../components/network/policies.ts";
import { namespaces } from "../../../components/names.ts";
import { settingsSchema } from "../../../settings/schema.ts";
import { captureInit } from "../../../components/debezium/capture/endpoint.ts";
import { debezium } from "../../../components/debezium/endpoint.ts";
import { kafka } from "../../../components/kafka/statefulset/endpoint.ts";
import { pgbouncer } from "../../../components/postgresql/statefulset/pooler/endpoint.ts";
import { primary, replica } from "../../../components/postgresql/statefulset/endpoints.ts";
import { redis } from "../../../components/redis/endpoint.ts";
import { typesense } from "../../../components/typesense/endpoint.ts";

interface Peer {
  readonly namespaceSelector?: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly podSelector?: { readonly matchLabels?: Readonly<Record<string, string>> };
}

interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports: readonly { readonly port: number }[];
}

interface Spec {
  readonly podSelector: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

const settingsWith = (given: object) => settingsSchema.parse({ cluster: { context: "any" }, ...given });

const table = flows(settingsWith({}));
const policies = policiesFor(table).map((policy) => ({
  ...policy,
  spec: policy.spec as unknown as Spec,
}));

/** The part of a pod that policies select by. */
interface Pod {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

const selects = (labels: Readonly<Record<string, string>> | undefined, pod: Pod) =>
  Object.entries(labels ?? {}).every(([key, value]) => pod.labels[key] === value);

const matches = (peer: Peer, pod: Pod) =>
  peer.namespaceSelector?.matchLabels["kubernetes.io/metadata.name"] === pod.namespace &&
  selects(peer.podSelector?.matchLabels, pod);

/** Whether the egress policies of `from` and the ingress policies of `to` allow a connection to `port`. */
function isOpen(from: Pod, to: Pod, port: number): boolean {
  const on = (pod: Pod) =>
    policies.filter(({ namespace, spec }) => namespace === pod.namespace && selects(spec.podSelector.matchLabels, pod));
  const leaves = on(from).some(({ spec }) =>
    spec.egress?.some(
      (rule) => rule.ports.some((own) => own.port === port) && rule.to?.some((peer) => matches(peer, to)),
    ),
  );
  const arrives = on(to).some(({ spec }) =>
    spec.ingress?.some(
      (rule) => rule.ports.some((own) => own.port === port) && rule.from?.some((peer) => matches(peer, from)),
    ),
  );
  return leaves && arrives;
}

const podOf = (end: Endpoint): Pod => ({ namespace: end.namespace, labels: end.pods });
const stranger = (namespace: string): Pod => ({ namespace, labels: { app: "stranger" } });

describe("the flow table", () => {
  const ends: Readonly<Record<string, Pod>> = {
    primary: podOf(primary),
    replica: podOf(replica),
    pgbouncer: podOf(pgbouncer),
    captureInit: podOf(captureInit),
    redis: podOf(redis),
    kafka: podOf(kafka),
    typesense: podOf(typesense),
    debezium: podOf(debezium),
    ...Object.fromEntries(namespaces.map((namespace) => [namespace, stranger(namespace)])),
    default: stranger("default"),
  };
  const ports = [53, 443, 3000, 5432, 6379, 6432, 8083, 8108, 9092, 9093, 16379, 29092];

  test("allows exactly these connections", () => {
    const open = Object.entries(ends).flatMap(([from, client]) =>
      Object.entries(ends).map(([to, server]): [string, number[]] => [
        `${from} -> ${to}`,
        ports.filter((port) => isOpen(client, server, port)),
      ]),
    );
    const inBroker = ["redis", "kafka", "nx-broker"];
    const inSearch = ["typesense", "debezium", "nx-search"];
    const pairs = (clients: readonly string[], servers: readonly string[], own: readonly number[]) =>
      Object.fromEntries(clients.flatMap((from) => servers.map((to) => [`${from} -> ${to}`, own] as const)));
    expect(Object.fromEntries(open.filter(([, own]) => own.length > 0))).toEqual({
      // The specification's `allow-from-backend` selects all pods, also those that do not listen on these ports.
      ...pairs(["nx-backend"], ["primary", "replica", "pgbouncer", "captureInit", "nx-persistent"], [5432, 6432]),
      ...pairs(["nx-backend"], inBroker, [6379, 9092, 16379, 29092]),
      ...pairs(["nx-backend"], inSearch, [8108]),
      ...pairs(["nx-backend"], ["nx-backend"], [3000]),
      ...pairs(["pgbouncer", "captureInit"], ["primary"], [5432]),
      ...pairs(["primary", "replica"], ["primary", "replica"], [5432]),
      ...pairs(inBroker, inBroker, [6379, 9092, 9093, 16379, 29092]),
      ...pairs(inSearch, inSearch, [8083, 8108]),
      ...pairs(inSearch, ["primary"], [5432]),
      ...pairs(inSearch, ["kafka"], [9092]),
    });
  });

  test("creates both policies of every flow, with the server's container ports", () => {
    for (const flow of table) {
      if (!("egress" in flow && "ingress" in flow) || !("pods" in flow.from)) continue;
      const { from, to, egress, ingress } = flow;
      const leaving = policies.find(({ name, namespace }) => name === egress && namespace === from.namespace);
      const arriving = policies.find(({ name, namespace }) => name === ingress && namespace === to.namespace);
      expect(leaving?.spec.policyTypes).toContain("Egress");
      expect(arriving?.spec.policyTypes).toContain("Ingress");
      for (const port of Object.values(to.ports)) expect(isOpen(podOf(from), podOf(to), port)).toBe(true);
    }
  });

  test("has the specification's policy names and six additional ones", () => {
    const additional = [
      "nx-backend/allow-from-backend",
      "nx-broker/allow-from-search",
      "nx-persistent/allow-cdc-init-to-primary",
      "nx-persistent/allow-from-cdc-init",
      "nx-persistent/allow-from-pgbouncer",
      "nx-persistent/allow-from-search",
    ];
    const specified = [
      "nx-backend/allow-egress-to-backend",
      "nx-backend/allow-egress-to-broker",
      "nx-backend/allow-egress-to-postgresql",
      "nx-backend/allow-egress-to-s3",
      "nx-backend/allow-egress-to-search",
      "nx-broker/allow-broker-internal",
      "nx-broker/allow-from-backend",
      "nx-persistent/allow-from-backend",
      "nx-persistent/allow-pg-replication",
      "nx-persistent/allow-pgbouncer-from-backend",
      "nx-persistent/allow-pgbouncer-to-primary",
      "nx-search/allow-from-backend",
      "nx-search/allow-search-internal",
      "nx-search/egress-nx-search",
    ];
    expect(policies.map(({ namespace, name }) => `${namespace}/${name}`).sort()).toEqual(
      [...additional, ...specified].sort(),
    );
  });
});

describe("egress to the object store", () => {
  const egress = policiesFor(table.filter(({ to }) => "cidrs" in to));
  const spec = egress[0]?.spec as {
    podSelector: object;
    policyTypes: string[];
    egress: { to: { ipBlock: { cidr: string; except: string[] } }[]; ports: object[] }[];
  };

  test("is allowed only for commerce and ledger, on port 443", () => {
    expect(egress.map(({ namespace, name }) => `${namespace}/${name}`)).toEqual(["nx-backend/allow-egress-to-s3"]);
    expect(spec).toMatchObject({
      podSelector: {
        matchExpressions: [{ key: "app.kubernetes.io/name", operator: "In", values: ["commerce", "ledger"] }],
      },
      policyTypes: ["Egress"],
    });
    expect(spec.egress.map(({ ports }) => ports)).toEqual([[{ protocol: "TCP", port: 443 }]]);
  });

  test.each([
    ["10.244.0.5", false],
    ["172.16.0.1", false],
    ["172.31.255.255", false],
    ["172.32.0.1", true],
    ["192.168.1.1", false],
    ["169.254.169.254", false],
    ["100.64.0.1", false],
    ["127.0.0.1", false],
    ["0.0.0.0", false],
    ["224.0.0.1", false],
    ["255.255.255.255", false],
    ["52.219.0.1", true],
    ["203.0.113.2", true],
  ])("to %s: %s", (address, allowed) => {
    const { cidr, except } = spec.egress[0]?.to[0]?.ipBlock ?? { cidr: "", except: [] };
    const within = (range: string) => {
      const [network = "", prefix] = range.split("/");
      const list = new BlockList();
      list.addSubnet(network, Number(prefix));
      return list.check(address);
    };
    expect(within(cidr) && !except.some(within)).toBe(allowed);
  });
});

test("every namespace denies everything except DNS over UDP and TCP", () => {
  for (const namespace of namespaces) {
    const own = basePolicies(namespaces).filter((policy) => policy.namespace === namespace);
    expect(own.map(({ name }) => name)).toEqual(["default-deny-all", "allow-dns"]);
    expect(own[0]?.spec).toEqual({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    expect((own[1]?.spec as unknown as Spec).egress?.[0]?.ports).toEqual([
      { protocol: "UDP", port: 53 },
      { protocol: "TCP", port: 53 },
    ]);
  }
});

describe("an invalid flow", () => {
  const client: Endpoint = { namespace: "nx-search", pods: { app: "client" }, ports: {} };
  const server: Endpoint = { namespace: "nx-broker", pods: { app: "server" }, ports: { main: 1 } };
  const flow: Flow = { from: client, to: server, egress: "out", ingress: "in", reason: "" };

  test("to a server without a port is refused", () => {
    expect(() => policiesFor([{ ...flow, to: { ...server, ports: {} } }])).toThrow(/the server has no port/);
  });

  test("that makes one policy select different pods is refused", () => {
    const other = { ...flow, from: { ...client, pods: { app: "other" } } };
    expect(() => policiesFor([flow, other])).toThrow(/nx-search\/out would select/);
  });
});

test("flows with the same policy name are merged without duplicate rules", () => {
  const client: Endpoint = { namespace: "nx-search", pods: {}, ports: {} };
  const server = (port: number): Endpoint => ({ namespace: "nx-broker", pods: {}, ports: { main: port } });
  const line = (port: number): Flow => ({ from: client, to: server(port), egress: "out", ingress: "in", reason: "" });
  const merged = policiesFor([line(1), line(2), line(1)]);
  expect(merged.map(({ name }) => name)).toEqual(["out", "in"]);
  expect((merged[0]?.spec as unknown as Spec).egress).toHaveLength(2);
});

test("several nodes of Typesense open their replication port among themselves only", () => {
  const added = flows(settingsWith({ typesense: { replicas: 3 } })).filter(
    (flow) => !table.some(({ reason }) => reason === flow.reason),
  );
  expect(policiesFor(added).map(({ namespace, name }) => `${namespace}/${name}`)).toEqual([
    "nx-search/allow-typesense-peering",
  ]);
});

describe("a flow from or to pods of somebody else's", () => {
  const server: Endpoint = { namespace: "nx-broker", pods: { app: "server" }, ports: { metrics: 9404 } };
  const prometheus = { foreignNamespace: "monitoring", pods: { app: "prometheus" }, ports: { http: 9090 } };
  const peer = {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } },
    podSelector: { matchLabels: { app: "prometheus" } },
  };

  test("creates a policy at our end only", () => {
    expect(policiesFor([{ from: prometheus, to: server, ingress: "allow-metrics", reason: "" }])).toEqual([
      {
        name: "allow-metrics",
        namespace: "nx-broker",
        spec: {
          podSelector: { matchLabels: { app: "server" } },
          policyTypes: ["Ingress"],
          ingress: [{ from: [peer], ports: [{ protocol: "TCP", port: 9404 }] }],
        },
      },
    ]);
    expect(policiesFor([{ from: server, to: prometheus, egress: "push", reason: "" }])).toMatchObject([
      { name: "push", spec: { egress: [{ to: [peer], ports: [{ port: 9090 }] }] } },
    ]);
  });
});

test("every flow has a reason", () => {
  expect(table.filter(({ reason }) => !reason.endsWith("."))).toEqual([]);
});
