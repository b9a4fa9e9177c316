import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { succeed } from "./command.ts";
import { eventually } from "./eventually.ts";
import { find } from "./kubernetes.ts";
import { startCommand } from "./npm-start.ts";
import { created, type Created } from "./objects.ts";
import { primary, replicaStreams } from "./postgresql.ts";
import { processes } from "./processes.ts";
import { savedValue } from "./saved-values.ts";
import { session } from "./session.ts";
import { pulumi, state } from "./stack.ts";

/** Kills a process and all its descendants with SIGKILL. */
function killTree(pid: number): void {
  const all = processes();
  const below = (parent: number): number[] =>
    all.filter((child) => child.parent === parent).flatMap((child) => [child.pid, ...below(child.pid)]);
  for (const victim of [pid, ...below(pid)]) {
    try {
      process.kill(victim, "SIGKILL");
    } catch (error) {
      // a process may have ended because its parent was killed
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

test("npm start reaches the same state after it was killed during an update as without interruption", async () => {
  // the configuration of the stack that it is compared with
  writeFileSync(session().configFile, savedValue<string>("configuration"));
  const first = spawn(...startCommand(), { stdio: "ignore" });
  const ended = once(first, "close");
  const server = { namespace: primary.namespace, name: "nx-postgresql-primary" };
  // in the middle of the update: it waits for the primary, which other resources depend on
  await eventually(async () => (await find("statefulset", server)) !== undefined, { timeout: 120 });
  if (first.pid === undefined) throw new Error("npm start did not start");
  killTree(first.pid);
  expect(await ended).toEqual([null, "SIGKILL"]);
  // Pulumi writes .attrs files in place, so a kill could leave them empty
  const backend = readdirSync(join(session().stateDir, "pulumi", "backend"), { recursive: true, encoding: "utf8" });
  expect(backend.filter((file) => file.endsWith(".json"))).not.toEqual([]);
  expect(backend.filter((file) => file.endsWith(".attrs"))).toEqual([]);

  await succeed(...startCommand());
  expect(await created()).toEqual(savedValue<Created>("created"));
  expect((await state()).pendingOperations).toEqual([]);
  await pulumi("preview", "--expect-no-changes");
  await eventually(replicaStreams);
});
