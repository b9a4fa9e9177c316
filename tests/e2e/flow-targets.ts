import { allows, isIsolated, type Place, type Rules } from "./flow-rules.ts";
import { get, type KubernetesObject, list, type Pod } from "./kubernetes.ts";
import type { Peer } from "./peers.ts";
import type { Verdict } from "./probe.ts";

/** An address that connections are attempted to. */
export interface Target {
  readonly name: string;
  /** `HOST:PORT` */
  readonly address: string;
  /** What the address and port belong to; Services have none, since they stand for pods. */
  readonly end?: Place & { readonly kind: string; readonly port: number };
  /** The expected result of a connection from the client; `undefined` where there is none. */
  readonly expected: (client: Peer) => Verdict | undefined;
}

/** Every port of a pod. */
export const podTargets = (rules: Rules, server: Peer, ports: readonly number[]): Target[] =>
  ports.map((port) => ({
    name: `${server.name}, ${server.namespace}, port ${port}`,
    address: `${server.address}:${port}`,
    end: { ...server, port },
    expected: (client) => {
      if (client === server) return undefined;
      if (!allows(rules, client, server, port)) return "closed";
      return server.listening.includes(port) ? "open" : "refused";
    },
  }));

interface Service extends KubernetesObject {
  readonly spec: {
    readonly clusterIP: string;
    readonly selector: Readonly<Record<string, string>>;
    readonly ports: readonly { readonly port: number; readonly targetPort: string | number }[];
  };
}

/** Every port of every Service that has a cluster IP. */
export async function serviceTargets(
  rules: Rules,
  namespaces: readonly string[],
  pods: readonly Peer[],
): Promise<Target[]> {
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
        const allowed = backends.filter((pod) => allows(rules, client, pod, numberOf(targetPort, pod)));
        if (allowed.length === 0) return "closed";
        // otherwise the result depends on the pod that the connection is sent to
        return allowed.length === backends.length ? "open" : undefined;
      },
    }));
  });
}

function numberOf(port: string | number, { name, ports }: Peer): number {
  const number = typeof port === "number" ? port : ports[port];
  if (number === undefined) throw new Error(`pod ${name} has no port ${port}`);
  return number;
}

/** The API server, the kubelet and the DNS server, which every pod reaches on its port. */
export async function clusterTargets(rules: Rules): Promise<Target[]> {
  interface Slice extends KubernetesObject {
    readonly endpoints: readonly { readonly addresses: readonly string[] }[];
    readonly ports: readonly { readonly port: number }[];
  }
  const { endpoints, ports } = await get<Slice>("endpointslice", { namespace: "default", name: "kubernetes" });
  const [node = ""] = endpoints[0]?.addresses ?? [];
  const [port = NaN] = ports.map((each) => each.port);
  const { spec } = await get<KubernetesObject & { spec: { clusterIP: string } }>("service", {
    namespace: "default",
    name: "kubernetes",
  });
  const dns = (await list<Pod>("pods", "kube-system")).find(
    ({ metadata }) => metadata.labels?.["k8s-app"] === "kube-dns",
  );
  const server = { namespace: "kube-system", labels: dns?.metadata.labels ?? {}, address: dns?.status.podIP ?? "" };
  const served = Object.keys(rules.served);
  return [
    // policies apply after the translation of the Service's address
    {
      ...at(rules, "API server", { address: node }, port),
      name: "API server's Service",
      address: `${spec.clusterIP}:443`,
    },
    at(rules, "API server", { address: node }, port),
    at(rules, "kubelet", { address: node }, 10250),
    {
      name: "DNS",
      address: `${server.address}:53`,
      expected: ({ namespace }) => (served.includes(namespace) ? "closed" : "open"),
    },
    at(rules, "DNS server", server, 8181),
  ];
}

/** A port where somebody listens who is no peer. */
function at(rules: Rules, kind: string, place: Place, port: number): Target {
  return {
    name: `${kind}, port ${port}`,
    address: `${place.address}:${port}`,
    end: { ...place, kind, port },
    expected: (client) => (allows(rules, client, place, port) ? "open" : "closed"),
  };
}

/** What the further addresses of the outside host stand for. */
export const nonPublic = { "169.254.169.254": "cloud's metadata", "192.168.77.77": "private network" } as const;

/** Ports of the outside host. */
export const outsidePorts = [443, 5432] as const;

/** The outside host. */
export const outsideTargets = (rules: Rules, address: string): Target[] =>
  Object.entries({ [address]: "internet", ...nonPublic }).flatMap(([host, kind]) =>
    outsidePorts.map((port) => at(rules, kind, { address: host }, port)),
  );

/** Whether network policies restrict the connection from at least one of its ends. */
export const isRestricted = (rules: Rules, client: Peer, { end }: Target): boolean =>
  isIsolated(rules, client) || (end !== undefined && isIsolated(rules, end));
