import path from "node:path";
import { prepare, type Environment, type Target } from "../environment.ts";
import { screenReporter } from "../report.ts";
import { pulumi, up } from "../stack.ts";
import { isStores, storesTable, type Store } from "../table.ts";
import { launcherLogs } from "../versions.ts";

/** `npm start`: cluster and data layer, or what is missing of them. */
export async function startCommand(target: Target): Promise<number> {
  const begun = Date.now();
  const report = screenReporter(path.join(launcherLogs, target.name));
  const environment = await prepare(target, report);
  tellOfSubstitutes(environment);
  const changes = await up(environment);
  const stores = await storesOf(environment, target);
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  const where = target.context === undefined ? "" : ` in context ${target.context}`;
  console.log(`\nThe data layer runs${where} (${changes}; ${seconds} s).\n`);
  console.log(storesTable(stores, process.stdout.columns || 120));
  return 0;
}

function tellOfSubstitutes({ plugins }: Environment): void {
  const names = plugins.filter(({ origin }) => origin === "substitute").map(({ kind, name }) => `${kind}-${name}`);
  if (names.length === 0) return;
  console.log(
    `Pulumi's own plugins cannot be downloaded here; in use are this project's substitutes: ${names.join(", ")}`,
  );
}

async function storesOf(environment: Environment, target: Target): Promise<Store[]> {
  const { code, stdout, stderr } = await pulumi(environment, ["stack", "output", "stores", "--json"]);
  const stores: unknown = code === 0 ? JSON.parse(stdout) : undefined;
  if (!isStores(stores)) throw new Error(`the stack has no output "stores": ${stderr.trim()}`);
  const kubectl = kubectlOf(target);
  return stores.map((store) => ({ ...store, connect: store.connect.replace(/^kubectl\b/, kubectl) }));
}

/** What to type for kubectl on this cluster. */
function kubectlOf({ name, context }: Target): string {
  if (context !== undefined) return `kubectl --context ${context}`;
  return name === "local" ? "npm run kubectl --" : `npm run kubectl -- --state ${name}`;
}
