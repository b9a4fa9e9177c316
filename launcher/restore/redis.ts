import { redisRestore } from "../../components/redis/endpoint.ts";
import type { Kubectl } from "../connect/kubectl.ts";
import { runJob } from "./job.ts";
import type { RestoreOptions } from "./options.ts";

/** Writes the keys of a backup into the running cluster. */
export async function restoreRedis(kubectl: Kubectl, { from, intoExisting }: RestoreOptions): Promise<boolean> {
  const { isComplete } = await runJob(kubectl, {
    namespace: redisRestore.namespace,
    template: redisRestore.pods["app.kubernetes.io/name"],
    variables: { FROM: from, INTO_EXISTING: String(intoExisting) },
  });
  return isComplete;
}
