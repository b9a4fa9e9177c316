import { imageOf, removeClients, startClients } from "../e2e/clients.ts";
import type { Named } from "../e2e/kubernetes.ts";

/**
 * As an application's pod asks for. Two processors are short under load: with next to nothing, servers that wait for the
 * client would be what is measured.
 */
const cpu = "200m";

/** Runs a measurement with a pod to connect from, where the applications are, that has the programs of a server's pod. */
export async function withClient<T>(of: Named, measure: (client: Named) => Promise<T>): Promise<T> {
  const client = { namespace: "nx-backend", name: "bench", image: await imageOf(of), memory: "1Gi", cpu };
  await startClients(client);
  try {
    return await measure(client);
  } finally {
    await removeClients();
  }
}
