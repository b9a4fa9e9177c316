import { imageOf, removeClients, startClients } from "../e2e/clients.ts";
import { apply, kubectl, type Named } from "../e2e/kubernetes.ts";
import { bareNamespace } from "./bare.ts";

const namespace = "nx-backend";
const name = "bench";
const labels = { app: name };
/**
 * As an application's pod asks for. Two processors are short under load: with next to nothing, servers that wait for the
 * client would be what is measured.
 */
const cpu = "200m";

/** The layer lets no application out to other namespaces than its own. */
const wayToBareServers = {
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { namespace, name },
  spec: {
    podSelector: { matchLabels: labels },
    policyTypes: ["Egress"],
    egress: [{ to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": bareNamespace } } }] }],
  },
};

/** Runs a measurement with a pod to connect from, where the applications are, that has the programs of a server's pod. */
export async function withClient<T>(of: Named, measure: (client: Named) => Promise<T>): Promise<T> {
  const client = { namespace, name, labels, image: await imageOf(of), memory: "1Gi", cpu };
  try {
    await apply(wayToBareServers);
    await startClients(client);
    return await measure(client);
  } finally {
    await removeClients();
    await kubectl(["delete", "networkpolicy", name, "--namespace", namespace, "--ignore-not-found"]);
  }
}
