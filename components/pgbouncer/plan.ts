import type { NodePool, PgBouncerSettings } from "../../settings.ts";
import { fill } from "../config-files.ts";
import { serviceHost } from "../names.ts";
import { configFiles, inMemory, secretFiles } from "../pod.ts";
import type { PodPlan } from "../pod.ts";
import { contract, port as primaryPort, primaryHost } from "../postgresql/plan.ts";
import { pgbouncer } from "./endpoint.ts";

export const name = "nx-pgbouncer";

/** The port of the Service: clients cannot tell the pooler from a PostgreSQL server. */
export const servicePort = 5432;

/** Where applications reach PostgreSQL. */
export const host = serviceHost(name, pgbouncer.namespace);

/** Number of the user and group `postgres` in the image. */
const user = 70;
const config = "/etc/pgbouncer";
const run = "/run/pgbouncer";
const credentials = "/credentials";
const listenPort = pgbouncer.ports["pgbouncer"] ?? 6432;
const userlist = `${run}/userlist.txt`;

/** pgbouncer.ini from its template. */
export const iniFile = (template: string, settings: PgBouncerSettings): string =>
  fill(template, {
    database: contract.database,
    primaryHost,
    primaryPort,
    listenPort,
    userlist,
    maxClientConnections: settings.maxClientConnections,
    defaultPoolSize: settings.defaultPoolSize,
    minPoolSize: settings.minPoolSize,
    reservePoolSize: settings.reservePoolSize,
    maxDatabaseConnections: settings.maxDatabaseConnections,
  });

export interface PoolerPlan {
  readonly settings: PgBouncerSettings;
  readonly image: string;
  readonly pool: NodePool;
  /** Secrets of the roles that may log in. */
  readonly secrets: { readonly superuser: string; readonly app: string };
  readonly checksums: PodPlan["checksums"];
}

/** A pod of the pooler. */
export function pgbouncerPod({ settings, image, pool, secrets, checksums }: PoolerPlan): PodPlan {
  const common = {
    image,
    resources: settings.resources,
    env: {
      CREDENTIALS: credentials,
      USERLIST: userlist,
      LISTEN_PORT: String(listenPort),
      DATABASE: contract.database,
    },
    mounts: { config, run, superuser: `${credentials}/superuser`, app: `${credentials}/app` },
  };
  const listens = { tcpSocket: { port: "pgbouncer" } };
  return {
    labels: pgbouncer.pods,
    checksums,
    pool,
    spread: pgbouncer.pods,
    user,
    gracePeriod: 90,
    volumes: {
      config: configFiles(name),
      run: inMemory("1Mi"),
      superuser: secretFiles(secrets.superuser),
      app: secretFiles(secrets.app),
    },
    initContainers: [{ ...common, name: "write-userlist", command: ["sh", `${config}/write-userlist.sh`] }],
    container: {
      ...common,
      name: "pgbouncer",
      command: ["pgbouncer", `${config}/pgbouncer.ini`],
      ports: pgbouncer.ports,
      // Only once: a pooler whose primary is away goes on to hold its clients until the primary is back.
      startupProbe: {
        exec: { command: ["sh", `${config}/logs-in.sh`] },
        periodSeconds: 2,
        timeoutSeconds: 15,
        failureThreshold: 900,
      },
      readinessProbe: { ...listens, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 3 },
      livenessProbe: { ...listens, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
      preStop: ["sh", `${config}/stop.sh`],
    },
  };
}
