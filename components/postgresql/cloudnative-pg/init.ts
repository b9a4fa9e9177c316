import type { NodePool } from "../../../settings.ts";
import { configFiles, secretFiles } from "../../pod.ts";
import type { JobPodArgs } from "../../pod.ts";
import { serviceHost } from "../../names.ts";
import { database } from "../names.ts";
import { initDatabase } from "./endpoints.ts";
import { namespace, port, services } from "./names.ts";

/** Name of the Job, and of the ConfigMap with its scripts. */
export const job = "nx-postgresql-init";

/** UID and GID of `postgres` in the image. */
const uid = 70;
const scripts = "/scripts";
const credentials = "/credentials";

export interface InitPodArgs {
  /** Image with the PostgreSQL clients. */
  readonly image: string;
  readonly pool: NodePool;
  readonly secrets: { readonly superuser: string; readonly app: string };
  readonly checksums: JobPodArgs["checksums"];
}

/** The pod of the Job that completes the database. */
export const initPod = ({ image, pool, secrets, checksums }: InitPodArgs): JobPodArgs => ({
  labels: initDatabase.pods,
  checksums,
  pool,
  uid,
  gracePeriod: 30,
  volumes: {
    scripts: configFiles(job),
    superuser: secretFiles(secrets.superuser),
    app: secretFiles(secrets.app),
  },
  initContainers: [],
  container: {
    name: "init",
    image,
    command: ["sh", `${scripts}/init.sh`],
    env: {
      CREDENTIALS: credentials,
      PGHOST: serviceHost(services.primary, namespace),
      PGPORT: String(port),
      PGDATABASE: database,
    },
    mounts: { scripts, superuser: `${credentials}/superuser`, app: `${credentials}/app` },
    resources: { requests: { cpu: "20m", memory: "32Mi" }, limits: { cpu: "500m", memory: "128Mi" } },
  },
});
