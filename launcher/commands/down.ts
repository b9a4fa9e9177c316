import path from "node:path";
import { stop } from "../../local/index.ts";
import { clusterOptions } from "../environment.ts";
import { screenReporter } from "../report.ts";
import { launcherLogs } from "../versions.ts";

/** `npm run down`: the embedded cluster, its data and every trace of both. Safe to run again, and to interrupt. */
export async function downCommand(name: string): Promise<number> {
  await stop(clusterOptions(name, screenReporter(path.join(launcherLogs, name))));
  console.log("Nothing is left of the embedded cluster. Downloads and builds stay in the cache.");
  return 0;
}
