import { namespaces } from "../../components/names.ts";
import type { Endpoint } from "../../components/network/endpoint.ts";
import { flows } from "../../components/network/flows.ts";
import { type Client, output, removeClients, startClients } from "./clients.ts";
import { get, type KubernetesObject, list, type Pod } from "./kubernetes.ts";
import { addOutsideHost, type OutsideHost } from "./outside.ts";
import { hosts, primary, replica } from "./postgresql.ts";
import { connects, parseVerdicts, probeCommand } from "./probe.ts";

type Labels = Readonly<Record<string, string>>;

/** A pod at one end of a connection. */
interface Place {
  readonly namespace: string;
  readonly labels: Labels;
}

/** Something to connect to. */
interface Target {
  readonly name: string;
  /** `HOST:PORT` as the client has it. */
  readonly address: string;
  /** The pod that serves there, with its own port; none for what lies outside of all namespaces. */
  readonly server?: Place & { readonly port: number };
}

const isPoliced = ({ namespace }: { readonly namespace: string }): boolean =>
  (namespaces as readonly string[]).includes(namespace);

const isOneOf = (place: Place, { namespace, pods }: Endpoint): boolean =>
  place.namespace === namespace && Object.entries(pods).every(([key, value]) => place.labels[key] === value);

const nameOf = ({ namespace, name }: Client): string => `${namespace}/${name}`;

/** Whether the table of flows lets the client connect; two ends without policies need no leave. */
function isAllowed(client: Place, { server }: Target): boolean {
  if (!isPoliced(client) && (server === undefined || !isPoliced(server))) return true;
  if (server === undefined) return false;
  return flows.some(
    ({ from, to }) => isOneOf(client, from) && isOneOf(server, to) && Object.values(to.ports).includes(server.port),
  );
}

/** A client without labels in every namespace, one where no policies are, and one with the labels of each end of a flow. */
function everyKindOfClient(): Required<Client>[] {
  const plain = [...namespaces, "default"].map((namespace) => ({ namespace, pods: {} }));
  const ends = [...plain, ...flows.flatMap(({ from, to }) => [from, to])];
  const distinct = new Map(ends.map(({ namespace, pods }) => [JSON.stringify([namespace, pods]), { namespace, pods }]));
  return [...distinct.values()].map(({ namespace, pods }) => ({
    namespace,
    labels: pods,
    name: ["flows", ...Object.values(pods)].join("-"),
    command: ["sleep", "infinity"],
  }));
}

describe("connections", () => {
  const outsidePorts = [443, 5432];
  let outside: OutsideHost;
  let targets: Target[];
  const clients = everyKindOfClient();
  /** What became of each pair, by `CLIENT -> SERVER`. */
  let found: Record<string, string | undefined>;

  beforeAll(async () => {
    outside = await addOutsideHost(...outsidePorts);
    await startClients(...clients);
    targets = [
      ...(await servers()),
      ...(await apiServer()),
      ...outsidePorts.map((port) => ({ name: `outside host, port ${port}`, address: `${outside.address}:${port}` })),
    ];
    const addresses = targets.map(({ address }) => address);
    const pairs = await Promise.all(
      clients.map(async (client) => {
        const verdicts = await connects(client, addresses);
        return targets.map(({ name, address }) => [`${nameOf(client)} -> ${name}`, verdicts.get(address)]);
      }),
    );
    found = Object.fromEntries(pairs.flat()) as typeof found;
  });
  afterAll(async () => {
    await removeClients();
    await outside.remove();
  });

  test("are open where the table of flows says so, and closed for every other pair of client and server", () => {
    const expected = clients.flatMap((client) =>
      targets.map((target) => [`${nameOf(client)} -> ${target.name}`, isAllowed(client, target) ? "open" : "closed"]),
    );
    expect(found).toEqual(Object.fromEntries(expected));
  });

  test("are open and closed as the specification's table says, whatever the table of flows is", () => {
    for (const server of ["service pgbouncer", "service primary", "service replica"]) {
      expect(found[`nx-backend/flows -> ${server}`]).toBe("open");
      for (const stranger of ["nx-app", "nx-broker", "nx-internal", "default"]) {
        expect(found[`${stranger}/flows -> ${server}`]).toBe("closed");
      }
    }
  });

  test("from the outside host to the pods are closed", async () => {
    const pods = targets.filter(({ name }) => name.startsWith("pod ")).map(({ address }) => address);
    expect(pods.length).toBeGreaterThan(2);
    expect(Object.fromEntries(await outside.connect(pods))).toEqual(
      Object.fromEntries(pods.map((pod) => [pod, "closed"])),
    );
  });

  test("are closed from the very first moment of a pod's life", async () => {
    const addresses = targets.filter(({ address }) => /^[\d.:]+$/.test(address)).map(({ address }) => address);
    const newborn = { namespace: "nx-app", name: "flows-newborn", command: probeCommand(addresses) };
    await startClients(newborn);
    expect(Object.fromEntries(parseVerdicts(await output(newborn)))).toEqual(
      Object.fromEntries(addresses.map((address) => [address, "closed"])),
    );
  });
});

/** Pods and Services of PostgreSQL and PgBouncer. */
async function servers(): Promise<Target[]> {
  const pods = await list<Pod>("pods", primary.namespace);
  const server = (prefix: string, port: number, kind: keyof typeof hosts): Target[] => {
    const pod = pods.find(({ metadata }) => metadata.name.startsWith(prefix));
    if (pod?.status.podIP === undefined) throw new Error(`there is no pod ${prefix}`);
    const place = { namespace: primary.namespace, labels: pod.metadata.labels ?? {}, port };
    return [
      { name: `pod ${kind}`, address: `${pod.status.podIP}:${port}`, server: place },
      { name: `service ${kind}`, address: `${hosts[kind]}:5432`, server: place },
    ];
  };
  return [
    ...server("nx-pgbouncer-", 6432, "pgbouncer"),
    ...server(primary.name, 5432, "primary"),
    ...server(replica.name, 5432, "replica"),
  ];
}

/** The API server by its Service and by its own address. */
async function apiServer(): Promise<Target[]> {
  const named = { namespace: "default", name: "kubernetes" };
  interface Slice extends KubernetesObject {
    readonly endpoints: readonly { readonly addresses: readonly string[] }[];
    readonly ports: readonly { readonly port: number }[];
  }
  const { endpoints, ports } = await get<Slice>("endpointslice", named);
  return [
    { name: "API server's Service", address: "kubernetes.default.svc.cluster.local:443" },
    { name: "API server", address: `${endpoints[0]?.addresses[0]}:${ports[0]?.port}` },
  ];
}
