import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import path from "node:path";
import type { NodePool, PgBouncerSettings, PostgresqlSettings } from "../../../settings.ts";
import { checksum, readFiles } from "../../config-files.ts";
import { connectionTo, credentialFor } from "../../contract/connection.ts";
import type { Connection } from "../../contract/connection.ts";
import type { PostgresqlStore, SharedVariables } from "../../contract/stores.ts";
import { initJob } from "../../init-job.ts";
import { commonLabels, serviceHost } from "../../names.ts";
import { RoleSecret } from "../../role-secret.ts";
import { service } from "../../service.ts";
import { database, roles } from "../names.ts";
import { timezone } from "../parameters.ts";
import { apiVersion } from "./api.ts";
import type { ClusterSpec, DatabaseSpec, PoolerSpec } from "./api.ts";
import { check, clusterSpec } from "./cluster.ts";
import type { ClusterBackup } from "./cluster.ts";
import { databaseSpec } from "./database.ts";
import { initDatabase, pooler, primaryOf, replicasOf } from "./endpoints.ts";
import { clusterGuard } from "./guard.ts";
import { initPod, job } from "./init.ts";
import { clusterName, namespace, poolersOf, port, services } from "./names.ts";
import { check as poolerCheck, poolerSpec } from "./pooler.ts";
import { untilSettled } from "./settled.ts";

/** ConfigMap with the scripts that run in the operator's pods. */
const scriptsName = "nx-postgresql-scripts";

/** Folder of what all implementations share. */
const shared = path.join(import.meta.dirname, "..");

/** The operator passes on a changed Secret at once only if it has this label. */
const reload = { "cnpg.io/reload": "true" };

export interface PostgresqlOnCloudNativePgArgs {
  readonly settings: PostgresqlSettings;
  readonly image: string;
  readonly pooler: { readonly settings: PgBouncerSettings; readonly image: string };
  /** Image with the PostgreSQL clients, for the init Job. */
  readonly clientImage: string;
  readonly pools: { readonly stateful: NodePool; readonly default: NodePool };
  readonly storageClass: string;
  /** Refuse to delete the cluster: the operator deletes its volumes with it. */
  readonly protect: boolean;
  /** Context of the kubeconfig. */
  readonly context: pulumi.Input<string>;
  /** @default no archive, and a new database */
  readonly backup?: ClusterBackup;
}

/**
 * PostgreSQL as a cluster of the operator CloudNativePG: a primary, and replicas of which one replaces it when it fails;
 * PgBouncer before the primary, in transaction and in session mode.
 */
export class PostgresqlOnCloudNativePg extends pulumi.ComponentResource implements PostgresqlStore {
  readonly database = database;
  readonly superuser: RoleSecret;
  readonly app: RoleSecret;
  readonly primary = { host: serviceHost(services.primary, namespace), port };
  readonly replica = { host: serviceHost(services.replica, namespace), port };
  readonly pooled = { host: serviceHost(services.pooled, namespace), port };
  /** The Job that ends when all roles can log in. */
  readonly primaryReady: pulumi.Resource;
  /** Name of the cluster: its replicas have copies of the slot, another cluster has none. */
  readonly captureRevision: string;
  readonly connections: readonly Connection[];
  readonly sharedVariables: SharedVariables;

  constructor(name: string, args: PostgresqlOnCloudNativePgArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:PostgresqlOnCloudNativePg", name, {}, opts);
    const own = { parent: this };
    const { settings, pools } = args;
    this.captureRevision = clusterName;

    const secretOf = (role: string, address: { host: string; port: number }, passwordVersion: number, secret: string) =>
      new RoleSecret(
        secret,
        { namespace, database, ...address, role, passwordVersion, labels: reload, type: "kubernetes.io/basic-auth" },
        own,
      );
    const version = settings.passwordVersion;
    this.superuser = secretOf(roles.superuser, this.primary, version.postgres, `${name}-superuser-secret`);
    this.app = secretOf(roles.app, this.pooled, version.nx_seller_operator, `${name}-app-secret`);
    const secrets = { superuser: this.superuser.secretName, app: this.app.secretName };

    const scripts = new k8s.core.v1.ConfigMap(
      scriptsName,
      {
        metadata: { name: scriptsName, namespace, labels: commonLabels },
        data: readFiles(import.meta.dirname, ["check.sh", "check-pooler.sh"]),
      },
      own,
    );
    const cluster = this.#cluster(args, secrets, [scripts, this.superuser, this.app]);
    const declared = this.#object<DatabaseSpec>("Database", clusterName, databaseSpec(clusterName), {
      dependsOn: [cluster],
      waitFor: "jsonpath={.status.applied}=true",
    });
    this.#pooler("transaction", args, [cluster, scripts]);
    this.#pooler("session", args, [cluster, scripts]);

    const poolers = poolersOf(clusterName);
    service(services.primary, { endpoint: { ...primaryOf(clusterName), ports: { postgresql: port } } }, own);
    service(services.replica, { endpoint: { ...replicasOf(clusterName), ports: { postgresql: port } } }, own);
    service(services.pooled, { endpoint: { ...pooler(poolers.transaction), ports: { pgbouncer: port } } }, own);
    service(services.pooledSessions, { endpoint: { ...pooler(poolers.session), ports: { pgbouncer: port } } }, own);

    this.primaryReady = this.#init(args.clientImage, pools.default, [declared]);
    this.connections = this.#connections(settings);
    this.sharedVariables = {
      plain: {
        APP_ENV_POSTGRES_HOST: this.pooled.host,
        APP_ENV_POSTGRES_PORT: String(port),
        APP_ENV_POSTGRES_DATABASE: database,
        APP_ENV_POSTGRES_SESSION_HOST: serviceHost(services.pooledSessions, namespace),
        APP_ENV_POSTGRES_SESSION_DATABASE: database,
        APP_ENV_POSTGRES_USERNAME: roles.app,
        TZ: timezone,
      },
      secret: { APP_ENV_POSTGRES_PASSWORD: this.app.password },
    };
    this.registerOutputs();
  }

  #cluster(
    args: PostgresqlOnCloudNativePgArgs,
    secrets: { readonly superuser: string; readonly app: string },
    dependsOn: readonly pulumi.Resource[],
  ): pulumi.Resource {
    const { settings, image, pools, storageClass, backup } = args;
    const spec = clusterSpec({
      ...{ name: clusterName, settings, image, pool: pools.stateful, storageClass, secrets, scripts: scriptsName },
      ...(backup && { backup }),
    });
    return this.#object<ClusterSpec>("Cluster", clusterName, spec, {
      dependsOn: [...dependsOn],
      waitFor: "condition=Ready",
      protect: args.protect,
      // Where the data came from matters only once, and the operator refuses a change.
      ignoreChanges: ["spec.bootstrap"],
      hooks: { beforeUpdate: [clusterGuard(clusterName)], afterUpdate: [untilSettled(clusterName, args.context)] },
      customTimeouts: { create: "30m", update: "40m", delete: "10m" },
    });
  }

  #pooler(
    poolMode: "transaction" | "session",
    { pooler: { settings, image }, pools }: PostgresqlOnCloudNativePgArgs,
    dependsOn: readonly pulumi.Resource[],
  ): void {
    const name = poolersOf(clusterName)[poolMode];
    const common = { name, cluster: clusterName, poolMode, settings, image, pool: pools.stateful };
    this.#object<PoolerSpec>("Pooler", name, poolerSpec({ ...common, scripts: scriptsName }), {
      dependsOn: [...dependsOn],
      waitFor: "jsonpath={.status.phase}=active",
    });
    if (settings.replicas > 1) {
      new k8s.policy.v1.PodDisruptionBudget(
        name,
        {
          metadata: { name, namespace, labels: commonLabels },
          spec: { maxUnavailable: 1, selector: { matchLabels: pooler(name).pods } },
        },
        { parent: this },
      );
    }
  }

  /** An object of the operator's API. */
  #object<Spec extends object>(
    kind: string,
    name: string,
    spec: Spec,
    { waitFor, ...opts }: pulumi.CustomResourceOptions & { readonly waitFor: string },
  ): k8s.apiextensions.CustomResource {
    return new k8s.apiextensions.CustomResource(
      name,
      {
        apiVersion,
        kind,
        metadata: { name, namespace, labels: commonLabels, annotations: { "pulumi.com/waitFor": waitFor } },
        spec,
      },
      { parent: this, ...opts },
    );
  }

  #init(image: string, pool: NodePool, dependsOn: readonly pulumi.Resource[]): pulumi.Resource {
    const files = { ...readFiles(import.meta.dirname, ["init.sh"]), ...readFiles(shared, ["ownership.sql"]) };
    const scripts = new k8s.core.v1.ConfigMap(
      job,
      { metadata: { name: job, namespace: initDatabase.namespace, labels: commonLabels }, data: files },
      { parent: this },
    );
    const pod = initPod({
      image,
      pool,
      secrets: { superuser: this.superuser.secretName, app: this.app.secretName },
      checksums: {
        files: checksum(files),
        cluster: clusterName,
        superuser: this.superuser.checksum,
        app: this.app.checksum,
      },
    });
    return initJob(
      job,
      { namespace, pod },
      { parent: this, dependsOn: [...dependsOn, scripts, this.superuser, this.app] },
    );
  }

  #connections(settings: PostgresqlSettings): Connection[] {
    const login = { namespace, port, protocol: "postgresql", credential: credentialFor(this.app) } as const;
    const server = (name: string, title: string, serviceName: string): Connection =>
      connectionTo({
        ...login,
        name,
        title,
        service: serviceName,
        client: { pod: `service/${serviceName}`, container: "postgres" },
      });
    const pooled = (name: string, title: string, serviceName: string): Connection => {
      const place = { pod: `service/${serviceName}`, container: "pgbouncer" };
      return connectionTo({
        ...login,
        name,
        title,
        service: serviceName,
        client: { ...place, script: "pooler", everyPod: true },
        check: { ...place, command: poolerCheck },
      });
    };
    const primary = server("postgres", "PostgreSQL, primary", services.primary);
    return [
      pooled("pgbouncer", "PostgreSQL, pooled", services.pooled),
      pooled("pgbouncer-session", "PostgreSQL, pooled sessions", services.pooledSessions),
      { ...primary, check: { pod: `service/${services.primary}`, container: "postgres", command: check(settings) } },
      server("postgres-replica", "PostgreSQL, replicas (read-only)", services.replica),
    ];
  }
}
