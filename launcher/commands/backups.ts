import { parseArgs } from "node:util";
import path from "node:path";
import { jobReports } from "../backups/jobs.ts";
import { postgresqlReports } from "../backups/postgresql.ts";
import { readJobBackups, readPostgresqlBackups } from "../backups/read.ts";
import { reportText } from "../backups/table.ts";
import { openClusterApi } from "../cluster-api.ts";
import { contextOf } from "../contexts.ts";
import { kubectlHint, stateDirectory, type Target } from "../target.ts";
import { UsageError } from "../usage-error.ts";
import { kubectlFor } from "./connect.ts";

const NONE = "There are no backups: this data layer has no objectStore, or no store that uses it. See docs/backups.md";

/** `npm run backups`: exit code 0 if every running store has recent backups and archives its changes, else 1. */
export async function backupsCommand(target: Target, args: readonly string[]): Promise<number> {
  const asJson = parseArguments(args);
  const { name, context } = target;
  const kubectl = await kubectlFor(target);
  const embedded = { kubeconfig: path.join(stateDirectory(name), "kubeconfig"), context: `bana-${name}` };
  const api = await openClusterApi(context === undefined ? embedded : contextOf(context));
  const [postgresql, byJobs] = await Promise.all([readPostgresqlBackups(api, kubectl), readJobBackups(api)]);
  const [now, hint] = [Date.now(), kubectlHint(target)];
  const reports = [
    ...postgresqlReports(postgresql, now, hint),
    ...byJobs.flatMap((known) => jobReports(known, now, hint)),
  ];
  const isHealthy = reports.length > 0 && reports.every(({ problems }) => problems.length === 0);
  console.log(asJson ? JSON.stringify(reports, null, 2) : reports.length === 0 ? NONE : reportText(reports));
  return isHealthy ? 0 : 1;
}

function parseArguments(args: readonly string[]): boolean {
  try {
    return parseArgs({ args: [...args], options: { json: { type: "boolean" } } }).values.json ?? false;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\nSee: npm run backups -- --help`);
  }
}
