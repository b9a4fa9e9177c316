import { poolerConnections } from "../../../../settings.ts";
import type { NodePool, PgBouncerSettings } from "../../../../settings.ts";
import { fill } from "../../../config-files.ts";
import { serviceHost } from "../../../names.ts";
import { portName } from "../../../network/endpoint.ts";
import { configFiles, inMemory, secretFiles } from "../../../pod.ts";
import type { PodArgs } from "../../../pod.ts";
import { database, roles, sessionDatabase } from "../../names.ts";
import { port as primaryPort, primaryHost } from "../pods.ts";
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
const listenPort = pgbouncer.ports.pgbouncer;
const userlist = `${run}/userlist.txt`;

/** Renders pgbouncer.ini. */
export function iniFile(template: string, settings: PgBouncerSettings): string {
  const connections = poolerConnections(settings);
  return fill(template, {
    database,
    sessionDatabase,
    primaryHost,
    primaryPort,
    listenPort,
    userlist,
    applicationUser: roles.app,
    applicationConnections: connections.application,
    superuser: roles.superuser,
    superuserConnections: connections.superuser,
    maxClientConnections: settings.maxClientConnections,
    defaultPoolSize: settings.defaultPoolSize,
    minPoolSize: settings.minPoolSize,
    reservePoolSize: settings.reservePoolSize,
    maxDatabaseConnections: settings.maxDatabaseConnections,
    sessionPoolSize: settings.sessionPoolSize,
    otherDatabasesPoolSize: settings.otherDatabasesPoolSize,
    resetAlways: settings.resetSession ? 1 : 0,
    serverLifetime: settings.serverLifetime,
    idleTransactionTimeout: settings.idleTransactionTimeout,
    queryWaitTimeout: settings.queryWaitTimeout,
  });
}

/** Command in the pooler's container that prints what is wrong with it. */
export const check = ["sh", `${config}/check.sh`];

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
      DATABASE: database,
      PRIMARY_HOST: primaryHost,
      PRIMARY_PORT: String(primaryPort),
    },
    mounts: { config, run, superuser: `${credentials}/superuser`, app: `${credentials}/app` },
  };
  const tcpCheck = { tcpSocket: { port: portName(pgbouncer, "pgbouncer") } };
  return {
    labels: pgbouncer.pods,
    checksums,
    pool,
    spread: pgbouncer.pods,
    uid,
    gracePeriod: 90,
    volumes: {
      config: configFiles(name),
      run: inMemory("4Mi"),
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
