import path from "node:path";
import { prepare, stateDirectory, type Environment, type Target } from "../environment.ts";
import { screenReporter } from "../report.ts";
import { pulumi, up } from "../stack.ts";
import { isStores, storesTable } from "../table.ts";
import { launcherLogs } from "../versions.ts";

/** `npm start`: cluster and data layer, or what is missing of them. */
export async function startCommand(target: Target): Promise<number> {
  const begun = Date.now();
  const report = screenReporter(path.join(launcherLogs, target.name));
  const environment = await prepare(target, report);
  tellOfSubstitutes(environment);
  const changes = await up(environment);
  const stores = await storesOf(environment);
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  const where = target.context === undefined ? "" : ` in context ${target.context}`;
  console.log(`\nThe data layer runs${where} (${changes}; ${seconds} s).\n`);
  console.log(storesTable(stores, process.stdout.columns || 120));
  return 0;
}

function tellOfSubstitutes({ plugins }: Environment): void {
  const names = plugins.filter(({ origin }) => origin === "substitute").map(({ name }) => name);
  if (names.length === 0) return;
  console.log(
    `                    Pulumi's ${names.join(" and ")} plugins cannot be had here: the project's substitutes are used`,
  );
}

async function storesOf(environment: Environment) {
  const { code, stdout, stderr } = await pulumi(environment, ["stack", "output", "stores", "--json"]);
  const stores: unknown = code === 0 ? JSON.parse(stdout) : undefined;
  if (!isStores(stores)) throw new Error(`the stack has no output "stores": ${stderr.trim()}`);
  const usesEmbedded = environment.stateDir === stateDirectory("local");
  return usesEmbedded
    ? stores.map((row) => ({ ...row, connect: row.connect.replace(/^kubectl /, "npm run kubectl -- ") }))
    : stores;
}
