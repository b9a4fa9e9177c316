import type { NodePool } from "../../../settings.ts";
import { configFiles, secretFiles } from "../../pod.ts";
import type { JobPodArgs } from "../../pod.ts";
import { postgresql } from "../endpoints.ts";
import { contract, port, primaryHost, uid } from "../pods.ts";

export const job = "nx-postgresql-cdc-init";

/** Names in the database that Debezium is configured with. */
export const capture = {
  role: "cdc_user",
  publication: "nx_cdc",
  slot: "nx_debezium",
  heartbeat: "debezium.heartbeat",
  signals: "debezium.signal",
} as const;

const scripts = "/scripts";
const credentials = "/credentials";

/** The network policies treat the pod as a PostgreSQL server; no Service selects it. */
const labels = { ...postgresql.pods, "app.kubernetes.io/component": "cdc-init" };

export interface CapturePodArgs {
  /** Schemas whose tables are captured. */
  readonly schemas: readonly string[];
  readonly image: string;
  readonly pool: NodePool;
  readonly secrets: { readonly superuser: string; readonly cdc: string };
  readonly checksums: JobPodArgs["checksums"];
}

/** The pod of the Job that prepares the database for change data capture. */
export const capturePod = ({ schemas, image, pool, secrets, checksums }: CapturePodArgs): JobPodArgs => ({
  labels,
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
      PGHOST: primaryHost,
      PGPORT: String(port),
      PGDATABASE: contract.database,
      CREDENTIALS: credentials,
      CAPTURED_SCHEMAS: schemas.join(" "),
      PUBLICATION: capture.publication,
      SLOT: capture.slot,
      APP_USER: contract.appUser,
    },
    mounts: { scripts, superuser: `${credentials}/superuser`, cdc: `${credentials}/cdc` },
    resources: { requests: { cpu: "50m", memory: "32Mi" }, limits: { cpu: "500m", memory: "128Mi" } },
  },
});
