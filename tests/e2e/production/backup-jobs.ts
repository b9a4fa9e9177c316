import { attempt, type Result } from "../command.ts";
import { eventually } from "../eventually.ts";
import { get, kubectl, type KubernetesObject } from "../kubernetes.ts";
import { launcherCommand } from "../npm-start.ts";

interface Job extends KubernetesObject {
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const terminal = ["Complete", "Failed"];

/**
 * Starts a backup, waits until its Job ends, and expects this condition of it.
 * @param cronJob the CronJob, from which the Job is made
 * @param name the Job's
 */
export async function backUp(
  cronJob: { readonly namespace: string; readonly name: string },
  name: string,
  condition: "Complete" | "Failed",
): Promise<void> {
  const { namespace } = cronJob;
  await kubectl(["create", "job", name, `--from=cronjob/${cronJob.name}`, "--namespace", namespace]);
  const ended = await eventually(
    async () => {
      const { conditions = [] } = (await get<Job>("job", { namespace, name })).status;
      return conditions.find(({ type, status }) => terminal.includes(type) && status === "True") ?? false;
    },
    // A backup that fails is tried twice.
    { timeout: 300, interval: 1 },
  );
  expect(ended.type).toBe(condition);
}

/** `npm run restore`, whatever its exit code. */
export const restore = (...args: string[]): Promise<Result> => attempt(...launcherCommand("restore", ...args));
