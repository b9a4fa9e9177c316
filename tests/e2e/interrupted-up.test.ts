import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { succeed } from "./command.ts";
import { eventually } from "./eventually.ts";
import { find } from "./kubernetes.ts";
import { remembered } from "./memory.ts";
import { startCommand } from "./npm-start.ts";
import { made, type Made } from "./objects.ts";
import { primary, replicaStreams } from "./postgresql.ts";
import { processes } from "./processes.ts";
import { session } from "./session.ts";
import { pulumi, state } from "./stack.ts";

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

test("npm start that was killed in the middle of up, run again, ends in the same state as one that was not", async () => {
  // the one it is compared with
  writeFileSync(session().configFile, remembered<string>("configuration"));
  const first = spawn(...startCommand(), { stdio: "ignore" });
  const ended = once(first, "close");
  const server = { namespace: primary.namespace, name: "nx-postgresql-primary" };
  // in the middle: the primary is being waited for, and the rest waits for it
  await eventually(async () => (await find("statefulset", server)) !== undefined, { timeout: 120 });
  if (first.pid === undefined) throw new Error("npm start did not start");
  killTree(first.pid);
  expect(await ended).toEqual([null, "SIGKILL"]);
  // what Pulumi writes in place, and a kill at the wrong moment leaves empty
  const backend = readdirSync(join(session().stateDir, "pulumi", "backend"), { recursive: true, encoding: "utf8" });
  expect(backend.filter((file) => file.endsWith(".json"))).not.toEqual([]);
  expect(backend.filter((file) => file.endsWith(".attrs"))).toEqual([]);

  await succeed(...startCommand());
  expect(await made()).toEqual(remembered<Made>("made"));
  expect((await state()).pendingOperations).toEqual([]);
  await pulumi("preview", "--expect-no-changes");
  await eventually(replicaStreams);
});
