import { namespaces } from "../../components/names.ts";
import { type Client, startClients } from "./clients.ts";
import { eventually } from "./eventually.ts";
import { get, isReady, list, type Pod } from "./kubernetes.ts";
import { end, serveAt } from "./network-namespace.ts";
import { containerProcess } from "./processes.ts";

/** A pod that connections are tried from and to. */
export interface Place {
  /** What it is, the same for all pods of a workload: `kafka`, `primary`, or the namespace or application that it stands for. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly address: string;
  /** One of its processes, as this machine counts. */
  readonly pid: number;
  /** Ports that it listens on, by name. */
  readonly ports: Readonly<Record<string, number>>;
}

const application = "app.kubernetes.io/name";
const component = "app.kubernetes.io/component";

async function placeOf(pod: Pod, kind: string, ports: Place["ports"]): Promise<Place> {
  const { metadata, spec, status } = pod;
  const { name, namespace = "default", labels = {} } = metadata;
  const container = spec.containers[0]?.name ?? "";
  const { pid } = await containerProcess({ namespace, name }, container);
  if (status.podIP === undefined) throw new Error(`pod ${name} has no address`);
  return { kind, namespace, name, labels, address: status.podIP, pid, ports };
}

/** All pods of the stores, once they are ready. */
export async function storePlaces(): Promise<Place[]> {
  interface Container {
    readonly name: string;
    readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  }
  interface Serving extends Pod {
    readonly spec: { readonly containers: readonly Container[] };
  }
  // Debezium is not ready for some seconds after the database was away.
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
      return placeOf(pod, labels[component] ?? labels[application] ?? "", Object.fromEntries(ports));
    }),
  );
}

/** Pods that listen on ports of the test's own choice. */
export interface StandIns {
  readonly places: readonly Place[];
  /** Ends their servers, which would outlive them. */
  stop(): Promise<void>;
}

/**
 * Starts pods that listen on all of these ports: one in every namespace with policies and in one without, and one for each
 * application in `nx-backend`.
 */
export async function standIns(ports: readonly number[], applications: readonly string[]): Promise<StandIns> {
  const clients: (Client & { readonly kind: string })[] = [
    ...[...namespaces, "default"].map((namespace) => ({ kind: namespace, namespace, name: "flows" })),
    ...applications.map((kind) => ({
      ...{ kind, namespace: "nx-backend", name: `flows-${kind}` },
      labels: { [application]: kind },
    })),
  ];
  await startClients(...clients);
  const places = await Promise.all(
    clients.map(async ({ kind, namespace, name }) => {
      const named = Object.fromEntries(ports.map((port) => [String(port), port]));
      return placeOf(await get<Pod>("pod", { namespace, name }), kind, named);
    }),
  );
  const servers = await Promise.all(places.map(async ({ pid }) => serveAt(pid, ports)));
  return {
    places,
    stop: async () => {
      await Promise.all(servers.map(end));
    },
  };
}
