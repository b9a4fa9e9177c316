import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import path from "node:path";
import type { NodePool, PgBouncerSettings, PostgresqlSettings, ServerName } from "../../../settings.ts";
import { checksum, readFiles } from "../../config-files.ts";
import { commonLabels } from "../../names.ts";
import { connectionTo, credentialFor } from "../../contract/connection.ts";
import type { Connection } from "../../contract/connection.ts";
import type { PostgresqlStore, SharedVariables } from "../../contract/stores.ts";
import type { PodArgs } from "../../pod.ts";
import { RoleSecret } from "../../role-secret.ts";
import { service } from "../../service.ts";
import { statefulSet } from "../../stateful-set.ts";
import type { StatefulSetArgs } from "../../stateful-set.ts";
import type { VolumeClaims } from "../../volume-claims.ts";
import { database, roles } from "../names.ts";
import { timezone } from "../parameters.ts";
import { postgresql, primary, replica, server } from "./endpoints.ts";
import {
  check,
  headlessName,
  otherServer,
  port,
  primaryHost,
  primaryName,
  primaryPod,
  replicaHost,
  replicaName,
  replicaPod,
  scriptsName,
} from "./pods.ts";
import type { CredentialSecrets, ServerPodArgs } from "./pods.ts";
import { PgBouncer } from "./pooler/pgbouncer.ts";
import { host as poolerHost, name as poolerName, servicePort as poolerPort } from "./pooler/pods.ts";

/** Scripts of both roles. */
const scripts = [
  "common.sh",
  "standby.sh",
  "prepare-replica.sh",
  "promote.sh",
  "init-primary.sh",
  "init-replica.sh",
  "start-primary.sh",
  "start-replica.sh",
  "alive.sh",
  "alive-replica.sh",
  "check.sh",
  "stop.sh",
  "bootstrap.sql",
  "pg_hba.conf",
];

/** Folder of what all implementations share. */
const shared = path.join(import.meta.dirname, "..");

export interface PostgresqlArgs {
  readonly settings: PostgresqlSettings;
  readonly image: string;
  readonly pooler: { readonly settings: PgBouncerSettings; readonly image: string };
  readonly pool: NodePool;
  readonly volumeClaims: VolumeClaims;
}

/**
 * A primary and a replica that streams from it through a physical slot; each is a StatefulSet with one pod. A setting
 * selects the primary. Services and network policies select pods by role, so the primary's Service never leads to the
 * standby.
 */
export class Postgresql extends pulumi.ComponentResource implements PostgresqlStore {
  readonly database = database;
  readonly superuser: RoleSecret;
  readonly app: RoleSecret;
  readonly primary = { host: primaryHost, port };
  readonly replica = { host: replicaHost, port };
  readonly pooled = { host: poolerHost, port: poolerPort };
  /** The primary's StatefulSet. It does not wait for the replica. */
  readonly primaryReady: pulumi.Resource;
  /** Name of the primary's StatefulSet. */
  readonly captureRevision: string;
  /** The replica that is promoted continues the log. */
  readonly logName = "nx-postgresql";
  readonly objectStoreChecked = [];
  readonly connections: readonly Connection[];
  readonly sharedVariables: SharedVariables;

  constructor(name: string, args: PostgresqlArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:Postgresql", name, {}, opts);
    const { settings, pool } = args;
    const own = { parent: this };
    const { namespace } = primary;
    this.captureRevision = settings.primaryServer;

    const common = { namespace, database };
    const version = settings.passwordVersion;
    this.superuser = new RoleSecret(
      `${name}-superuser-secret`,
      { ...common, ...this.primary, role: roles.superuser, passwordVersion: version.postgres },
      own,
    );
    this.app = new RoleSecret(
      `${name}-app-secret`,
      { ...common, ...this.pooled, role: roles.app, passwordVersion: version.nx_seller_operator },
      own,
    );
    const replication = new RoleSecret(
      `${name}-replication-secret`,
      { ...common, ...this.primary, role: roles.replication, passwordVersion: version.repl_user },
      own,
    );
    const secrets = {
      superuser: this.superuser.secretName,
      app: this.app.secretName,
      replication: replication.secretName,
    };

    const files = { ...readFiles(import.meta.dirname, scripts), ...readFiles(shared, ["ownership.sql"]) };
    const config = new k8s.core.v1.ConfigMap(
      scriptsName,
      {
        metadata: { name: scriptsName, namespace, labels: { ...commonLabels, ...postgresql.pods } },
        data: files,
      },
      own,
    );
    service(primaryName, { endpoint: primary }, own);
    service(replicaName, { endpoint: replica }, own);

    const { primaryServer, otherServerLost } = settings;
    const inputs = (logins: readonly RoleSecret[]) => ({
      checksums: {
        files: checksum(files),
        ...Object.fromEntries(logins.map((login) => [login.username.replaceAll("_", "-"), login.checksum])),
      },
      dependsOn: [config, ...logins],
    });
    const standby = this.#server(otherServer(primaryServer), args, secrets, replicaPod, {
      ...inputs([replication]),
      running: otherServerLost ? 0 : 1,
    });
    const primaryInputs = inputs([this.superuser, this.app, replication]);
    this.primaryReady = this.#server(primaryServer, args, secrets, primaryPod, {
      ...primaryInputs,
      running: 1,
      // Stops a lost server before the promotion. Otherwise the servers' init containers wait for each other.
      dependsOn: [...primaryInputs.dependsOn, ...(otherServerLost ? [standby] : [])],
    });

    const pooler = new PgBouncer(
      poolerName,
      { ...args.pooler, pool, roles: { superuser: this.superuser, app: this.app } },
      // The pooler used to belong to the layer itself.
      { ...own, aliases: [{ parent: opts?.parent ?? pulumi.rootStackResource }] },
    );
    const connection = (connectionName: string, title: string, service: string): Connection => {
      const place = { pod: `service/${service}`, container: "postgresql" };
      return connectionTo({
        name: connectionName,
        title,
        protocol: "postgresql",
        namespace,
        service,
        port,
        credential: credentialFor(this.app),
        client: place,
        check: { ...place, command: check },
      });
    };
    this.connections = [
      pooler.connection,
      connection("postgres", "PostgreSQL, primary", primaryName),
      connection("postgres-replica", "PostgreSQL, replica (read-only)", replicaName),
    ];
    const { plain, secret } = pooler.sharedVariables;
    // Not APP_ENV_TZ: the runtimes themselves read TZ, and convert times without a time zone with it.
    this.sharedVariables = { plain: { ...plain, TZ: timezone }, secret };
    this.registerOutputs();
  }

  #server(
    name: ServerName,
    { settings, image, pool, volumeClaims }: PostgresqlArgs,
    secrets: CredentialSecrets,
    pod: (args: ServerPodArgs) => PodArgs,
    run: Pick<ServerPodArgs, "checksums"> & Pick<StatefulSetArgs, "dependsOn" | "running">,
  ): k8s.apps.v1.StatefulSet {
    const own = { parent: this };
    const endpoint = server(name);
    service(headlessName(name), { endpoint, headless: true }, own);
    return statefulSet(
      name,
      {
        endpoint,
        serviceName: headlessName(name),
        replicas: 1,
        running: run.running,
        pod: pod({ name, settings, image, pool, secrets, checksums: run.checksums }),
        volumeClaims,
        volumeSize: settings.storage,
        dependsOn: run.dependsOn,
      },
      own,
    );
  }
}
