import type { NodePool } from "../../../settings.ts";
import { configFiles, secretFiles } from "../../pod.ts";
import type { JobPodPlan } from "../../pod.ts";
import { postgresql } from "../endpoints.ts";
import { contract, port, primaryHost, user } from "../plan.ts";

export const job = "nx-postgresql-cdc-init";

/** What Debezium is told, and finds in the database. */
export const capture = {
  role: "cdc_user",
  publication: "nx_cdc",
  slot: "nx_debezium",
  heartbeat: "debezium.heartbeat",
  signals: "debezium.signal",
} as const;

const scripts = "/scripts";
const credentials = "/credentials";

/** The pod is one of PostgreSQL's to the network policies, and none that a Service leads to. */
const labels = { ...postgresql.pods, "app.kubernetes.io/component": "cdc-init" };

export interface CapturePlan {
  /** Schemas whose tables are captured. */
  readonly schemas: readonly string[];
  readonly image: string;
  readonly pool: NodePool;
  readonly secrets: { readonly superuser: string; readonly cdc: string };
  readonly checksums: JobPodPlan["checksums"];
}

/** The pod of the Job that prepares the database. */
export const capturePod = ({ schemas, image, pool, secrets, checksums }: CapturePlan): JobPodPlan => ({
  labels,
  checksums,
  pool,
  user,
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
