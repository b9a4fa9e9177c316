import type { NodePool, PgBouncerSettings } from "../../settings.ts";
import { fill } from "../config-files.ts";
import { serviceHost } from "../names.ts";
import { configFiles, inMemory, secretFiles } from "../pod.ts";
import type { PodArgs } from "../pod.ts";
import { contract, port as primaryPort, primaryHost } from "../postgresql/pods.ts";
import { pgbouncer } from "./endpoint.ts";

export const name = "nx-pgbouncer";

/** Port of the Service, the same as PostgreSQL's. */
export const servicePort = 5432;

/** Host that applications use for PostgreSQL. */
export const host = serviceHost(name, pgbouncer.namespace);

/** UID and GID of `postgres` in the image. */
const uid = 70;
const config = "/etc/pgbouncer";
const run = "/run/pgbouncer";
const credentials = "/credentials";
const listenPort = pgbouncer.ports["pgbouncer"] ?? 6432;
const userlist = `${run}/userlist.txt`;

/** Renders pgbouncer.ini. */
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

export interface PgBouncerPodArgs {
  readonly settings: PgBouncerSettings;
  readonly image: string;
  readonly pool: NodePool;
  /** Names of the Secrets of the roles that can log in. */
  readonly secrets: { readonly superuser: string; readonly app: string };
  readonly checksums: PodArgs["checksums"];
}

/** The pod of PgBouncer. */
export function pgbouncerPod({ settings, image, pool, secrets, checksums }: PgBouncerPodArgs): PodArgs {
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
  const tcpCheck = { tcpSocket: { port: "pgbouncer" } };
  return {
    labels: pgbouncer.pods,
    checksums,
    pool,
    spread: pgbouncer.pods,
    uid,
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
      // Checks the login at startup only: when the primary is down later, the pooler must keep its clients waiting.
      startupProbe: {
        exec: { command: ["sh", `${config}/logs-in.sh`] },
        periodSeconds: 2,
        timeoutSeconds: 15,
        failureThreshold: 900,
      },
      readinessProbe: { ...tcpCheck, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 3 },
      livenessProbe: { ...tcpCheck, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
      preStop: ["sh", `${config}/stop.sh`],
    },
  };
}
