import path from "node:path";
import { prepare, type Environment } from "../environment.ts";
import { screenReporter } from "../report.ts";
import { up } from "../stack.ts";
import { differenceFromProduction, readStackFile } from "../stack-files.ts";
import { connectionsIn } from "../stores.ts";
import { storesTable } from "../table.ts";
import { kubectlHint, type Target } from "../target.ts";
import { launcherLogs } from "../versions.ts";

/** `npm start`: brings up the cluster and the data layer; skips what is up to date. */
export async function startCommand(target: Target): Promise<number> {
  const startedAt = Date.now();
  const report = screenReporter(path.join(launcherLogs, target.name));
  const environment = await prepare(target, report);
  reportSubstitutes(environment);
  const difference = differenceFromProduction(readStackFile(target.stack));
  if (difference !== undefined) console.log(`Different from production: ${difference}`);
  const { changes, state } = await up(environment);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  const location = target.context === undefined ? "" : ` in context ${target.context}`;
  console.log(`\nThe data layer is running${location} (${changes}; ${seconds} s).\n`);
  console.log(storesTable(connectionsIn(state, target.stack), kubectlHint(target), process.stdout.columns || 120));
  return 0;
}

function reportSubstitutes({ plugins }: Environment): void {
  const names = plugins.filter(({ origin }) => origin === "substitute").map(({ kind, name }) => `${kind}-${name}`);
  if (names.length === 0) return;
  console.log(`Pulumi's plugins could not be downloaded. Using this project's substitutes: ${names.join(", ")}`);
}
