import path from "node:path";
import { stop } from "../../local/index.ts";
import { clusterOptions } from "../environment.ts";
import { screenReporter } from "../report.ts";
import { launcherLogs } from "../versions.ts";

/** `npm run down`: removes the embedded cluster and its data. Can be rerun, also after an interruption. */
export async function downCommand(name: string): Promise<number> {
  await stop(clusterOptions(name, screenReporter(path.join(launcherLogs, name))));
  console.log("The embedded cluster and its data are removed. Downloads and builds stay in the cache.");
  return 0;
}
