import { namespaces } from "../../components/names.ts";
import { isOurs, type Flow } from "../../components/network/endpoint.ts";
import { flows } from "../../components/network/flows.ts";
import { settingsSchema } from "../../settings/schema.ts";
import { output, removeClients, startClients } from "./clients.ts";
import { get, type KubernetesObject, list, type Pod } from "./kubernetes.ts";
import { connectFrom } from "./network-namespace.ts";
import { addOutsideHost, type OutsideHost } from "./outside.ts";
import { type DummyPods, dummyPods, type Peer, storePeers } from "./peers.ts";
import { parseVerdicts, probeCommand, type Verdict } from "./probe.ts";

/** An address that connections are attempted to. */
interface Target {
  readonly name: string;
  /** `HOST:PORT` */
  readonly address: string;
  /** The expected result of a connection from the client; `undefined` where client and server are the same pod. */
  readonly expected: (client: Peer) => Verdict | undefined;
}

/** The flows of the stack under test. */
const table = flows(settingsSchema.parse({ cluster: { context: "any" } }));

/** The ports of all flows, and two that no flow has. */
const ports = [...new Set([...table.flatMap(({ to }): number[] => Object.values(to.ports)), 22, 8443])].sort(
  (a, b) => a - b,
);

const isIsolated = ({ namespace }: { readonly namespace: string }): boolean =>
  (namespaces as readonly string[]).includes(namespace);

const isOneOf = (peer: Peer, end: Flow["from"]): boolean =>
  isOurs(end) &&
  "pods" in end &&
  peer.namespace === end.namespace &&
  Object.entries(end.pods).every(([key, value]) => peer.labels[key] === value);

/** Whether the table of flows lets the client connect. */
const isAllowed = (client: Peer, server: Peer, port: number): boolean =>
  table.some(
    ({ from, to }) => isOneOf(client, from) && isOneOf(server, to) && Object.values<number>(to.ports).includes(port),
  );

/** Every port of a pod. */
const podTargets = (server: Peer): Target[] =>
  ports.map((port) => ({
    name: `${server.name}, ${server.namespace}, port ${port}`,
    address: `${server.address}:${port}`,
    expected: (client) => {
      if (client === server) return undefined;
      if (!isAllowed(client, server, port)) return "closed";
      return Object.values(server.ports).includes(port) ? "open" : "refused";
    },
  }));

/** Every port of every Service that has a cluster IP. */
async function serviceTargets(pods: readonly Peer[]): Promise<Target[]> {
  interface Service extends KubernetesObject {
    readonly spec: {
      readonly clusterIP: string;
      readonly selector: Readonly<Record<string, string>>;
      readonly ports: readonly { readonly port: number; readonly targetPort: string }[];
    };
  }
  const services = await Promise.all(namespaces.map(async (namespace) => list<Service>("services", namespace)));
  return services.flat().flatMap(({ metadata: { name, namespace }, spec }) => {
    if (spec.clusterIP === "None") return [];
    const backends = pods.filter(
      (pod) =>
        pod.namespace === namespace && Object.entries(spec.selector).every(([key, value]) => pod.labels[key] === value),
    );
    if (backends.length === 0) throw new Error(`Service ${name} selects no pod`);
    return spec.ports.map(({ port, targetPort }) => ({
      name: `Service ${name}, port ${port}`,
      address: `${spec.clusterIP}:${port}`,
      expected: (client: Peer): Verdict | undefined => {
        if (backends.includes(client)) return undefined;
        return backends.every((pod) => isAllowed(client, pod, pod.ports[targetPort] ?? 0)) ? "open" : "closed";
      },
    }));
  });
}

/**
 * The API server, the kubelet and the DNS server. Of these, pods in namespaces with policies may reach only DNS on its
 * port; other pods may reach all.
 */
async function clusterTargets(): Promise<Target[]> {
  const expected = (client: Peer): Verdict => (isIsolated(client) ? "closed" : "open");
  interface Slice extends KubernetesObject {
    readonly endpoints: readonly { readonly addresses: readonly string[] }[];
    readonly ports: readonly { readonly port: number }[];
  }
  const { endpoints, ports } = await get<Slice>("endpointslice", { namespace: "default", name: "kubernetes" });
  const node = endpoints[0]?.addresses[0] ?? "";
  const { spec } = await get<KubernetesObject & { spec: { clusterIP: string } }>("service", {
    namespace: "default",
    name: "kubernetes",
  });
  const dns = (await list<Pod>("pods", "kube-system")).find(
    ({ metadata }) => metadata.labels?.["k8s-app"] === "kube-dns",
  );
  return [
    { name: "API server's Service", address: `${spec.clusterIP}:443`, expected },
    { name: "API server", address: `${node}:${ports[0]?.port}`, expected },
    { name: "kubelet", address: `${node}:10250`, expected },
    { name: "DNS", address: `${dns?.status.podIP}:53`, expected: () => "open" },
    { name: "DNS server's readiness port", address: `${dns?.status.podIP}:8181`, expected },
  ];
}

/** Further addresses of the outside host: the clouds' metadata service and a private one. */
const nonPublic = ["169.254.169.254", "192.168.77.77"];

/** The outside host: only applications with an object store may reach it, at its public address on port 443. */
const outsideTargets = (address: string): Target[] =>
  [address, ...nonPublic].flatMap((host) =>
    [443, 5432].map((port) => ({
      name: `outside host, ${host}:${port}`,
      address: `${host}:${port}`,
      expected: ({ kind, namespace }: Peer): Verdict => {
        const usesStore = ["commerce", "ledger"].includes(kind) && host === address && port === 443;
        return usesStore || namespace === "default" ? "open" : "closed";
      },
    })),
  );

/** Connections that the specification's table allows to listening ports, independent of the table of flows. */
const specified: readonly (readonly [
  clients: readonly string[],
  servers: Readonly<Record<string, readonly number[]>>,
])[] = [
  [
    ["nx-backend", "commerce", "ledger", "sale"],
    {
      ...{ "nx-backend": [3000], commerce: [3000], ledger: [3000], sale: [3000] },
      ...{ pgbouncer: [6432], primary: [5432], replica: [5432], "nx-persistent": [5432, 6432] },
      ...{ redis: [6379, 16379], kafka: [9092, 29092], "nx-broker": [6379, 9092, 16379, 29092] },
      ...{ typesense: [8108], "nx-search": [8108] },
    },
  ],
  [["pgbouncer", "replica"], { primary: [5432] }],
  [["primary"], { replica: [5432] }],
  [
    ["redis", "kafka", "nx-broker"],
    { redis: [6379, 16379], kafka: [9092, 9093, 29092], "nx-broker": [6379, 9092, 9093, 16379, 29092] },
  ],
  [
    ["typesense", "debezium", "nx-search"],
    { typesense: [8108], debezium: [8083], "nx-search": [8083, 8108], primary: [5432], kafka: [9092] },
  ],
];

describe("connections", () => {
  let outside: OutsideHost;
  let dummies: DummyPods;
  let peers: readonly Peer[];
  let targets: Target[];
  /** The result of each attempt, by client and by the target's address. */
  const found = new Map<Peer, ReadonlyMap<string, Verdict>>();

  beforeAll(async () => {
    outside = await addOutsideHost([443, 5432], nonPublic);
    const stores = await storePeers();
    dummies = await dummyPods(ports, ["commerce", "ledger", "sale"]);
    peers = [...stores, ...dummies.peers];
    targets = [
      ...peers.flatMap(podTargets),
      ...(await serviceTargets(stores)),
      ...(await clusterTargets()),
      ...outsideTargets(outside.address),
    ];
    const tryAll = async (clients: readonly Peer[], closed: boolean): Promise<void> => {
      await Promise.all(
        clients.map(async (client) => {
          const tried = targets.filter(({ expected }) => {
            const verdict = expected(client);
            return verdict !== undefined && (verdict === "closed") === closed;
          });
          const verdicts = await connectFrom(
            client.pid,
            tried.map(({ address }) => address),
          );
          found.set(client, new Map([...(found.get(client) ?? []), ...verdicts]));
        }),
      );
    };
    // SYN packets wait in one queue for a verdict of the network policies. Dropped ones are retransmitted and would
    // delay the others, so connections that must get an answer are tried first, client by client.
    for (const client of peers) await tryAll([client], false);
    await tryAll(peers, true);
  });
  afterAll(async () => {
    await dummies.stop();
    await removeClients();
    await outside.remove();
  });

  test("are open where the table of flows allows them, and closed for every other client, server and port", () => {
    const wrong = peers.flatMap((client) =>
      targets.flatMap((target) => {
        const expected = target.expected(client);
        const verdict = found.get(client)?.get(target.address);
        return verdict === expected ? [] : [`${client.name} -> ${target.name}: ${verdict}, expected ${expected}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  test("are open exactly where the specification's table allows them, independent of the table of flows", () => {
    const open = new Set<string>();
    for (const client of peers.filter(isIsolated)) {
      for (const server of peers) {
        for (const port of ports) {
          if (found.get(client)?.get(`${server.address}:${port}`) === "open")
            open.add(`${client.kind} -> ${server.kind}:${port}`);
        }
      }
    }
    const isReplicated = (kind: string): boolean => peers.filter((place) => place.kind === kind).length > 1;
    const expected = specified.flatMap(([clients, servers]) =>
      clients.flatMap((client) =>
        Object.entries(servers).flatMap(([server, allowed]) =>
          client === server && !isReplicated(client) ? [] : allowed.map((port) => `${client} -> ${server}:${port}`),
        ),
      ),
    );
    expect([...open].sort()).toEqual(expected.sort());
  });

  test("from the outside host to pods are closed", async () => {
    const addresses = peers.flatMap(({ address, ports: own }) =>
      Object.values(own).map((port) => `${address}:${port}`),
    );
    const isolated = peers.filter(isIsolated);
    const verdicts = await outside.connect(addresses);
    const answering = isolated.filter(({ address, ports: own }) =>
      Object.values(own).some((port) => verdicts.get(`${address}:${port}`) !== "closed"),
    );
    expect(isolated.length).toBeGreaterThan(namespaces.length);
    expect(answering.map(({ name }) => name)).toEqual([]);
  });

  test("are closed from the moment a pod starts", async () => {
    const addresses = targets.flatMap(({ name, address }) =>
      /postgresql.*port 5432|API server/.test(name) ? [address] : [],
    );
    expect(addresses.length).toBeGreaterThan(3);
    const started = { namespace: "nx-app", name: "flows-started", command: probeCommand(addresses) };
    await startClients(started);
    expect(Object.fromEntries(parseVerdicts(await output(started)))).toEqual(
      Object.fromEntries(addresses.map((address) => [address, "closed"])),
    );
  });
});
