import { basename, join } from "node:path";
import { session } from "./session.ts";

/** The command of `npm start`, for the tests' cluster. */
export function startCommand(): [program: string, args: string[]] {
  return launcherCommand("start");
}

/** The command of one of the other npm scripts, such as `status`, for the tests' cluster. */
export function launcherCommand(script: string, ...args: string[]): [program: string, args: string[]] {
  const { checkout, stateDir } = session();
  const launcher = join(checkout, "launcher", "bootstrap.mjs");
  return [process.execPath, [launcher, script, "--state", basename(stateDir), ...args]];
}
