import { namespaces } from "../../components/names.ts";
import type { Endpoint } from "../../components/network/endpoint.ts";
import { flows, outsideFlows } from "../../components/network/flows.ts";
import { output, removeClients, startClients } from "./clients.ts";
import { get, type KubernetesObject, list, type Pod } from "./kubernetes.ts";
import { connectsFrom } from "./network-namespace.ts";
import { addOutsideHost, type OutsideHost } from "./outside.ts";
import { type Place, type StandIns, standIns, storePlaces } from "./places.ts";
import { parseVerdicts, probeCommand, type Verdict } from "./probe.ts";

/** Something to connect to. */
interface Target {
  readonly name: string;
  /** `HOST:PORT` */
  readonly address: string;
  /** What has to become of a connection from there; nothing where the two are the same pod. */
  readonly expected: (client: Place) => Verdict | undefined;
}

/** Ports of all flows, and two that no flow names. */
const ports = [
  ...new Set([
    ...flows.flatMap(({ to }) => Object.values(to.ports)),
    ...outsideFlows.flatMap(({ to }) => to.ports),
    ...[22, 8443],
  ]),
].sort((a, b) => a - b);

const isPoliced = ({ namespace }: { readonly namespace: string }): boolean =>
  (namespaces as readonly string[]).includes(namespace);

const isOneOf = (place: Place, { namespace, pods }: Endpoint): boolean =>
  place.namespace === namespace && Object.entries(pods).every(([key, value]) => place.labels[key] === value);

/** Whether the table of flows lets the client connect. */
const isAllowed = (client: Place, server: Place, port: number): boolean =>
  flows.some(({ from, to }) => isOneOf(client, from) && isOneOf(server, to) && Object.values(to.ports).includes(port));

/** Every port of a pod. */
const podTargets = (server: Place): Target[] =>
  ports.map((port) => ({
    name: `${server.name}, ${server.namespace}, port ${port}`,
    address: `${server.address}:${port}`,
    expected: (client) => {
      if (client === server) return undefined;
      if (!isAllowed(client, server, port)) return "closed";
      return Object.values(server.ports).includes(port) ? "open" : "refused";
    },
  }));

/** Every port of every Service with an address of its own. */
async function serviceTargets(pods: readonly Place[]): Promise<Target[]> {
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
    const behind = pods.filter(
      (pod) =>
        pod.namespace === namespace && Object.entries(spec.selector).every(([key, value]) => pod.labels[key] === value),
    );
    if (behind.length === 0) throw new Error(`there is no pod behind Service ${name}`);
    return spec.ports.map(({ port, targetPort }) => ({
      name: `Service ${name}, port ${port}`,
      address: `${spec.clusterIP}:${port}`,
      expected: (client: Place): Verdict | undefined => {
        if (behind.includes(client)) return undefined;
        return behind.every((pod) => isAllowed(client, pod, pod.ports[targetPort] ?? 0)) ? "open" : "closed";
      },
    }));
  });
}

/** What no pod of a closed namespace may reach, and others may: the API server, the kubelet, more of DNS than its port. */
async function clusterTargets(): Promise<Target[]> {
  const expected = (client: Place): Verdict => (isPoliced(client) ? "closed" : "open");
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
    { name: "DNS server's own state", address: `${dns?.status.podIP}:8181`, expected },
  ];
}

/** Addresses that the outside host has besides its public one: the metadata service of clouds, and a private one. */
const insideOut = ["169.254.169.254", "192.168.77.77"];

/** The outside host: only for the applications that have an object store, at its public address, on 443. */
const outsideTargets = (address: string): Target[] =>
  [address, ...insideOut].flatMap((host) =>
    [443, 5432].map((port) => ({
      name: `outside host, ${host}:${port}`,
      address: `${host}:${port}`,
      expected: ({ kind, namespace }: Place): Verdict => {
        const leaves = ["commerce", "ledger"].includes(kind) && host === address && port === 443;
        return leaves || namespace === "default" ? "open" : "closed";
      },
    })),
  );

/** The connections that the specification's table allows to what listens, whatever the table of flows is: ports by client and server. */
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
  let others: StandIns;
  let places: readonly Place[];
  let targets: Target[];
  /** What became of each try, by names of client and target. */
  const found = new Map<Place, ReadonlyMap<string, Verdict>>();

  beforeAll(async () => {
    outside = await addOutsideHost([443, 5432], insideOut);
    const stores = await storePlaces();
    others = await standIns(ports, ["commerce", "ledger", "sale"]);
    places = [...stores, ...others.places];
    targets = [
      ...places.flatMap(podTargets),
      ...(await serviceTargets(stores)),
      ...(await clusterTargets()),
      ...outsideTargets(outside.address),
    ];
    const tryAll = async (clients: readonly Place[], silent: boolean): Promise<void> => {
      await Promise.all(
        clients.map(async (client) => {
          const tried = targets.filter(({ expected }) => {
            const verdict = expected(client);
            return verdict !== undefined && (verdict === "closed") === silent;
          });
          const verdicts = await connectsFrom(
            client.pid,
            tried.map(({ address }) => address),
          );
          found.set(client, new Map([...(found.get(client) ?? []), ...verdicts]));
        }),
      );
    };
    // First packets of connections wait in one queue for a verdict. Those that nobody answers are sent again and again, and would
    // crowd out the others: so what has to answer is tried first, and by one client after the other.
    for (const client of places) await tryAll([client], false);
    await tryAll(places, true);
  });
  afterAll(async () => {
    await others.stop();
    await removeClients();
    await outside.remove();
  });

  test("are open where the table of flows says so, and closed for every other pair of client, server and port", () => {
    const wrong = places.flatMap((client) =>
      targets.flatMap((target) => {
        const expected = target.expected(client);
        const verdict = found.get(client)?.get(target.address);
        return verdict === expected ? [] : [`${client.name} -> ${target.name}: ${verdict}, not ${expected}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  test("are open where the specification's table says so, and nowhere else, whatever the table of flows is", () => {
    const open = new Set<string>();
    for (const client of places.filter(isPoliced)) {
      for (const server of places) {
        for (const port of ports) {
          if (found.get(client)?.get(`${server.address}:${port}`) === "open")
            open.add(`${client.kind} -> ${server.kind}:${port}`);
        }
      }
    }
    const several = (kind: string): boolean => places.filter((place) => place.kind === kind).length > 1;
    const expected = specified.flatMap(([clients, servers]) =>
      clients.flatMap((client) =>
        Object.entries(servers).flatMap(([server, allowed]) =>
          client === server && !several(client) ? [] : allowed.map((port) => `${client} -> ${server}:${port}`),
        ),
      ),
    );
    expect([...open].sort()).toEqual(expected.sort());
  });

  test("from the outside host to the pods are closed", async () => {
    const addresses = places.flatMap(({ address, ports: own }) =>
      Object.values(own).map((port) => `${address}:${port}`),
    );
    const policed = places.filter(isPoliced);
    const verdicts = await outside.connect(addresses);
    const answering = policed.filter(({ address, ports: own }) =>
      Object.values(own).some((port) => verdicts.get(`${address}:${port}`) !== "closed"),
    );
    expect(policed.length).toBeGreaterThan(namespaces.length);
    expect(answering.map(({ name }) => name)).toEqual([]);
  });

  test("are closed from the very first moment of a pod's life", async () => {
    const addresses = targets.flatMap(({ name, address }) =>
      /postgresql.*port 5432|API server/.test(name) ? [address] : [],
    );
    expect(addresses.length).toBeGreaterThan(3);
    const newborn = { namespace: "nx-app", name: "flows-newborn", command: probeCommand(addresses) };
    await startClients(newborn);
    expect(Object.fromEntries(parseVerdicts(await output(newborn)))).toEqual(
      Object.fromEntries(addresses.map((address) => [address, "closed"])),
    );
  });
});
