import { type Client, startClients } from "./clients.ts";
import { eventually } from "./eventually.ts";
import { get, isReady, list, type Pod } from "./kubernetes.ts";
import { listeningPorts } from "./listening.ts";
import { end, serveAt } from "./network-namespace.ts";
import { containerProcess } from "./processes.ts";

/** A pod that connections are tested from and to. */
export interface Peer {
  /** The workload (`kafka`, `primary`), or what a dummy pod represents. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly address: string;
  /** Process id of one of its processes in this machine's pid namespace. */
  readonly pid: number;
  /** The ports that it declares, by name. */
  readonly ports: Readonly<Record<string, number>>;
  /** The ports that it listens on, declared or not. */
  readonly listening: readonly number[];
}

/** Labels that name a pod's workload, the most precise first: those of CloudNativePG, of the layer, and of manifests. */
const kinds = [
  "cnpg.io/instanceRole",
  "cnpg.io/podRole",
  "app.kubernetes.io/component",
  "app.kubernetes.io/name",
  "app",
] as const;

interface Container {
  readonly name: string;
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
}

interface Serving extends Pod {
  readonly spec: { readonly containers: readonly Container[] };
}

async function peerOf(pod: Serving, kind: string): Promise<Peer> {
  const { metadata, spec, status } = pod;
  const { name, namespace = "default", labels = {} } = metadata;
  const [container] = spec.containers;
  const { pid } = await containerProcess({ namespace, name }, container?.name ?? "");
  if (status.podIP === undefined) throw new Error(`pod ${name} has no address`);
  const declared = spec.containers.flatMap(({ ports = [] }) => ports);
  const ports = Object.fromEntries(
    declared.map(({ name: named, containerPort }) => [named ?? String(containerPort), containerPort] as const),
  );
  return { kind, namespace, name, labels, address: status.podIP, pid, ports, listening: listeningPorts(pid) };
}

/** All pods of the layer and of these further namespaces that run permanently. Waits until they are Ready. */
export async function storePeers(namespaces: readonly string[]): Promise<Peer[]> {
  // Debezium takes some seconds to become Ready again after the database was down.
  const pods = await eventually(
    async () => {
      const serving = (await list<Serving>("pods")).filter(
        ({ metadata: { namespace = "", labels = {} }, status }) =>
          (labels["app.kubernetes.io/part-of"] === "bana-data-layer" || namespaces.includes(namespace)) &&
          !["Succeeded", "Failed"].includes(status.phase),
      );
      expect(serving.filter((pod) => !isReady(pod)).map(({ metadata }) => metadata.name)).toEqual([]);
      return serving;
    },
    { timeout: 180 },
  );
  return Promise.all(
    pods.map(async (pod) => {
      const { name, labels = {} } = pod.metadata;
      const kind = kinds.map((label) => labels[label]).find((value) => value !== undefined);
      if (kind === undefined) throw new Error(`pod ${name} has no label that names its workload`);
      return peerOf(pod, kind);
    }),
  );
}

/** A pod that represents others in its namespace. */
export interface Dummy {
  readonly kind: string;
  readonly namespace: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A pod of an application. */
export const application = (name: string): Dummy => ({
  kind: name,
  namespace: "nx-backend",
  labels: { "app.kubernetes.io/name": name },
});

/** Pods that listen on ports that the test chooses. */
export interface DummyPods {
  readonly peers: readonly Peer[];
  /** Kills their servers, which run outside of the pods' cgroups and would outlive them. */
  stop(): Promise<void>;
}

/** Starts pods that listen on all of these ports. */
export async function dummyPods(
  ports: readonly number[],
  dummies: readonly Dummy[],
  options: Pick<Client, "image"> = {},
): Promise<DummyPods> {
  const clients = dummies.map((dummy) => ({ ...dummy, ...options, name: `flows-${dummy.kind}` }));
  await startClients(...clients);
  const pods = await Promise.all(clients.map(async (client) => peerOf(await get<Serving>("pod", client), client.kind)));
  const servers = await Promise.all(pods.map(async ({ pid }) => serveAt(pid, ports)));
  return {
    peers: pods.map((pod) => ({ ...pod, listening: ports })),
    stop: async () => {
      await Promise.all(servers.map(end));
    },
  };
}
