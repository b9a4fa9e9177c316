import { imageOf, removeClients, startClients } from "../e2e/clients.ts";
import type { Named } from "../e2e/kubernetes.ts";

/** Runs a measurement with a pod to connect from, where the applications are, that has the programs of a server's pod. */
export async function withClient<T>(of: Named, measure: (client: Named) => Promise<T>): Promise<T> {
  const client = { namespace: "nx-backend", name: "bench", image: await imageOf(of), memory: "1Gi" };
  await startClients(client);
  try {
    return await measure(client);
  } finally {
    await removeClients();
  }
}
