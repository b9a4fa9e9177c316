import { basename, join } from "node:path";
import { session } from "./session.ts";

/** The command of `npm start`, for the tests' cluster. */
export function startCommand(): [program: string, args: string[]] {
  const { checkout, stateDir } = session();
  return [process.execPath, [join(checkout, "launcher", "bootstrap.mjs"), "start", "--state", basename(stateDir)]];
}
