import { imageOf, removeClients, startClients } from "../e2e/clients.ts";
import { apply, kubectl, type Named } from "../e2e/kubernetes.ts";
import { bareNamespace } from "./bare.ts";

const namespace = "nx-backend";
const name = "bench";
const labels = { app: name };
/**
 * CPU request, like that of an application's pod. Under load two CPUs are scarce: with a smaller request the client
 * would be the bottleneck.
 */
const cpu = "200m";

/** The layer's policies allow applications no egress to the bare servers' namespace. */
const egressToBareServers = {
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { namespace, name },
  spec: {
    podSelector: { matchLabels: labels },
    policyTypes: ["Egress"],
    egress: [{ to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": bareNamespace } } }] }],
  },
};

/** Runs a measurement with a client pod in the applications' namespace that has the image of a server's pod. */
export async function withClient<T>(of: Named, measure: (client: Named) => Promise<T>): Promise<T> {
  const client = { namespace, name, labels, image: await imageOf(of), memory: "1Gi", cpu };
  try {
    await apply(egressToBareServers);
    await startClients(client);
    return await measure(client);
  } finally {
    await removeClients();
    await kubectl(["delete", "networkpolicy", name, "--namespace", namespace, "--ignore-not-found"]);
  }
}
