import { namespaces } from "../../components/names.ts";
import { type Client, startClients } from "./clients.ts";
import { eventually } from "./eventually.ts";
import { get, isReady, list, type Pod } from "./kubernetes.ts";
import { end, serveAt } from "./network-namespace.ts";
import { containerProcess } from "./processes.ts";

/** A pod that connections are tested from and to. */
export interface Peer {
  /** The workload (`kafka`, `primary`), or the namespace or application that a dummy pod represents. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly address: string;
  /** Process id of one of its processes in this machine's pid namespace. */
  readonly pid: number;
  /** Its listening ports by name. */
  readonly ports: Readonly<Record<string, number>>;
}

const application = "app.kubernetes.io/name";
const component = "app.kubernetes.io/component";

async function peerOf(pod: Pod, kind: string, ports: Peer["ports"]): Promise<Peer> {
  const { metadata, spec, status } = pod;
  const { name, namespace = "default", labels = {} } = metadata;
  const container = spec.containers[0]?.name ?? "";
  const { pid } = await containerProcess({ namespace, name }, container);
  if (status.podIP === undefined) throw new Error(`pod ${name} has no address`);
  return { kind, namespace, name, labels, address: status.podIP, pid, ports };
}

/** All pods of the stores. Waits until they are Ready. */
export async function storePeers(): Promise<Peer[]> {
  interface Container {
    readonly name: string;
    readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  }
  interface Serving extends Pod {
    readonly spec: { readonly containers: readonly Container[] };
  }
  // Debezium takes some seconds to become Ready again after the database was down.
  const pods = await eventually(
    async () => {
      const serving = (await list<Serving>("pods")).filter(
        ({ metadata, status }) =>
          metadata.labels?.["app.kubernetes.io/part-of"] === "bana-data-layer" &&
          !["Succeeded", "Failed"].includes(status.phase),
      );
      expect(serving.filter((pod) => !isReady(pod)).map(({ metadata }) => metadata.name)).toEqual([]);
      return serving;
    },
    { timeout: 180 },
  );
  return Promise.all(
    pods.map(async (pod) => {
      const { labels = {} } = pod.metadata;
      const ports = pod.spec.containers.flatMap(({ ports: own = [] }) =>
        own.map(({ name, containerPort }) => [name, containerPort] as const),
      );
      return peerOf(pod, labels[component] ?? labels[application] ?? "", Object.fromEntries(ports));
    }),
  );
}

/** Pods that listen on ports that the test chooses. */
export interface DummyPods {
  readonly peers: readonly Peer[];
  /** Kills their servers, which run outside of the pods' cgroups and would outlive them. */
  stop(): Promise<void>;
}

/**
 * Starts pods that listen on all of these ports: one in every namespace with policies, one in a namespace without, and
 * one per application in `nx-backend`.
 */
export async function dummyPods(ports: readonly number[], applications: readonly string[]): Promise<DummyPods> {
  const clients: (Client & { readonly kind: string })[] = [
    ...[...namespaces, "default"].map((namespace) => ({ kind: namespace, namespace, name: "flows" })),
    ...applications.map((kind) => ({
      ...{ kind, namespace: "nx-backend", name: `flows-${kind}` },
      labels: { [application]: kind },
    })),
  ];
  await startClients(...clients);
  const peers = await Promise.all(
    clients.map(async ({ kind, namespace, name }) => {
      const named = Object.fromEntries(ports.map((port) => [String(port), port]));
      return peerOf(await get<Pod>("pod", { namespace, name }), kind, named);
    }),
  );
  const servers = await Promise.all(peers.map(async ({ pid }) => serveAt(pid, ports)));
  return {
    peers,
    stop: async () => {
      await Promise.all(servers.map(end));
    },
  };
}
