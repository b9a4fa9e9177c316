import { basename, join } from "node:path";
import { session } from "./session.ts";

/** What `npm start` runs, on the tests' own cluster. */
export function startCommand(): [program: string, args: string[]] {
  const { checkout, stateDir } = session();
  return [process.execPath, [join(checkout, "launcher", "bootstrap.mjs"), "start", "--state", basename(stateDir)]];
}
