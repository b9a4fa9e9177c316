import type { NodePool } from "../../../settings.ts";
import { configFiles, secretFiles } from "../../pod.ts";
import type { JobPodArgs } from "../../pod.ts";
import type { PostgresqlStore } from "../../contract/stores.ts";
import { captureInit } from "./endpoint.ts";

export const job = "nx-postgresql-cdc-init";

/** Names in the database that Debezium is configured with. */
export const capture = {
  role: "cdc_user",
  publication: "nx_cdc",
  slot: "nx_debezium",
  heartbeat: "select debezium.beat()",
  signals: "debezium.signal",
} as const;

/** Of an empty database, as when the volumes of all servers are lost. */
const unprepared = `select 'the database is not prepared for change data capture: it is new, or its volumes were lost. Prepare it: '
  'npm run kubectl -- delete job --namespace ${captureInit.namespace} ${job} && npm run pulumi -- up --refresh'
  where to_regnamespace('debezium') is null`;

/** Prints the problems on the database's side, in a pod with a superuser's psql. */
export const databaseCheck = (superuser: string, database: string): string[] => [
  "psql",
  ...["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=VERBOSITY=terse"],
  ...[`--username=${superuser}`, `--dbname=${database}`],
  ...["--set=ON_ERROR_STOP=1", `--command=${unprepared}`],
  ...["--command=select * from debezium.problems()", "--command=call debezium.fail_on_problems()"],
];

const scripts = "/scripts";
const credentials = "/credentials";

/** UID and GID of `postgres` in the image. */
const uid = 70;

export interface CapturePodArgs {
  readonly postgresql: Pick<PostgresqlStore, "primary" | "database"> & {
    readonly app: Pick<PostgresqlStore["app"], "username">;
  };
  /** Schemas whose tables are captured. */
  readonly schemas: readonly string[];
  /** The captured schemas and tables, as the setting declares them. */
  readonly captured: readonly string[];
  readonly image: string;
  readonly pool: NodePool;
  readonly secrets: { readonly superuser: string; readonly cdc: string };
  readonly checksums: JobPodArgs["checksums"];
}

/** The pod of the Job that prepares the database for change data capture. */
export const capturePod = ({
  postgresql: { primary, database, app },
  schemas,
  captured,
  image,
  pool,
  secrets,
  checksums,
}: CapturePodArgs): JobPodArgs => ({
  labels: captureInit.pods,
  checksums,
  pool,
  uid,
  gracePeriod: 5,
  volumes: {
    scripts: configFiles(job),
    superuser: secretFiles(secrets.superuser),
    cdc: secretFiles(secrets.cdc),
  },
  initContainers: [],
  container: {
    name: "cdc-init",
    image,
    command: ["sh", `${scripts}/init.sh`],
    env: {
      PGHOST: primary.host,
      PGPORT: String(primary.port),
      PGDATABASE: database,
      CREDENTIALS: credentials,
      CAPTURED_SCHEMAS: schemas.join(" "),
      CAPTURED: captured.join(" "),
      PUBLICATION: capture.publication,
      SLOT: capture.slot,
      APP_USER: app.username,
    },
    mounts: { scripts, superuser: `${credentials}/superuser`, cdc: `${credentials}/cdc` },
    resources: { requests: { cpu: "50m", memory: "32Mi" }, limits: { cpu: "500m", memory: "128Mi" } },
  },
});
