import { apply, get, kubectl, type Named, type Pod } from "./kubernetes.ts";
import { eventually } from "./eventually.ts";
import { primary } from "./postgresql.ts";

/** A pod that tests connect from. */
export interface Client extends Named {
  /** Labels of the endpoint whose flows the client gets; none by default. */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default the image of the StatefulSet's PostgreSQL */
  readonly image?: string;
  /** Memory limit. @default "256Mi" */
  readonly memory?: string;
  /** CPU request. @default "1m" */
  readonly cpu?: string;
  /** @default `sleep infinity`, for use with `kubectl exec` */
  readonly command?: readonly string[];
}

/** Label of all pods that the tests create. */
export const clientLabel = "bana-e2e-client";

/**
 * Starts idle pods with PostgreSQL's client programs, within the restricted Pod Security level, and waits until they
 * have started. They never become Ready: otherwise a Service whose selector matches their labels would send traffic to
 * them.
 */
export async function startClients(...clients: readonly Client[]): Promise<void> {
  const manifests = clients.map(async (client) => manifest(client, client.image ?? (await imageOf(primary))));
  await apply(...(await Promise.all(manifests)));
  await Promise.all(
    clients.map(async (client) => eventually(async () => (await get<Pod>("pod", client)).status.phase !== "Pending")),
  );
}

/** The image of a pod's first container. */
export async function imageOf(pod: Named): Promise<string> {
  const { spec } = await get<Pod & { spec: { containers: { image: string }[] } }>("pod", pod);
  return spec.containers[0]?.image ?? "";
}

/** Removes all pods that {@link startClients} created. */
export async function removeClients(): Promise<void> {
  await kubectl([
    "delete",
    "pods",
    "--all-namespaces",
    "--selector",
    clientLabel,
    "--grace-period=0",
    "--force",
    "--wait=true",
  ]);
}

/** Waits until a client with its own command has succeeded, and returns what it printed. */
export async function output({ namespace, name }: Named): Promise<string> {
  await eventually(async () => (await get<Pod>("pod", { namespace, name })).status.phase === "Succeeded");
  return kubectl(["logs", "--namespace", namespace, name]);
}

function manifest(client: Client, image: string): object {
  const { namespace, name, labels = {}, memory = "256Mi", cpu = "1m", command = ["sleep", "infinity"] } = client;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace, name, labels: { ...labels, [clientLabel]: "" } },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 0,
      restartPolicy: "Never",
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 70,
        runAsGroup: 70,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name: "client",
          image,
          command,
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          resources: { requests: { cpu, memory: "16Mi" }, limits: { memory } },
          readinessProbe: { exec: { command: ["false"] }, periodSeconds: 3600 },
          volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
        },
      ],
      volumes: [{ name: "tmp", emptyDir: {} }],
    },
  };
}
