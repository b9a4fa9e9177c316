import { spawn } from "node:child_process";
import { eventually } from "./eventually.ts";
import { find } from "./kubernetes.ts";
import { remembered } from "./memory.ts";
import { made, type Made } from "./objects.ts";
import { primary, replicaStreams } from "./postgresql.ts";
import { processes } from "./processes.ts";
import { pulumi, pulumiCommand, state } from "./stack.ts";

/** Kills a process and all that it has started, with no chance to clean up. */
function killTree(pid: number): void {
  const all = processes();
  const below = (parent: number): number[] =>
    all.filter((child) => child.parent === parent).flatMap((child) => [child.pid, ...below(child.pid)]);
  for (const victim of [pid, ...below(pid)]) {
    try {
      process.kill(victim, "SIGKILL");
    } catch (error) {
      // one may end because the one before it did
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

test("up that was killed in the middle, run again, ends in the same state as one that was not", async () => {
  const { command, args, options } = pulumiCommand(["up", "--yes", "--skip-preview"]);
  const first = spawn(command, args, { ...options, stdio: "ignore" });
  const ended = new Promise<number | null>((resolve) =>
    first.once("close", (code) => {
      resolve(code);
    }),
  );
  // in the middle: the primary is being created and waited for, the rest waits for it
  await eventually(
    async () => (await find("statefulset", { ...primary, name: "nx-postgresql-primary" })) !== undefined,
    { timeout: 120 },
  );
  if (first.pid === undefined) throw new Error("pulumi did not start");
  killTree(first.pid);
  expect(await ended).toBeNull();

  await pulumi("up", "--yes", "--skip-preview");
  expect(await made()).toEqual(remembered<Made>("made"));
  expect((await state()).pendingOperations).toEqual([]);
  await pulumi("preview", "--expect-no-changes");
  await eventually(replicaStreams);
});
