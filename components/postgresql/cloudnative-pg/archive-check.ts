import type { PostgresqlBackupSettings } from "../../../settings.ts";
import { fill, readFiles } from "../../config-files.ts";
import type { Check } from "../../contract/connection.ts";
import { namespace, services } from "./names.ts";

/** What `npm run status` runs on the primary to find out whether WAL is archived. */
export function archiveCheck({ maxWalAge }: Pick<PostgresqlBackupSettings, "maxWalAge">): Check {
  const { "archive-problems.sql": template } = readFiles(import.meta.dirname, ["archive-problems.sql"]);
  const problems = fill(template, { minutes: maxWalAge });
  return {
    namespace,
    pod: `service/${services.primary}`,
    container: "postgres",
    command: [
      "psql",
      ...["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=VERBOSITY=terse"],
      "--set=ON_ERROR_STOP=1",
      `--command=${problems}`,
      // The exit code: a failed command ends psql with 1.
      `--command=select 1 / (not exists (${problems}))::int`,
    ],
  };
}
