import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import path from "node:path";
import type { NodePool, ObjectStoreInUse, PgBouncerSettings, PostgresqlSettings } from "../../../settings.ts";
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
import { Backups } from "./backups.ts";
import { hibernation, plannedClusters } from "./clusters.ts";
import type { PlannedCluster } from "./clusters.ts";
import { databaseSpec } from "./database.ts";
import { initDatabase, pooler, primaryOf, replicasOf } from "./endpoints.ts";
import { clusterGuard } from "./guard.ts";
import { initPod, job } from "./init.ts";
import { namespace, poolersOf, port, services } from "./names.ts";
import { check as poolerCheck, poolerSpec } from "./pooler.ts";
import { clusterBackup } from "./recovery.ts";
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
  /** Where backups are, and the image of the plugin's sidecar. @default no backups */
  readonly backups?: { readonly store: ObjectStoreInUse; readonly image: string };
}

interface ObjectOptions extends pulumi.CustomResourceOptions {
  /** What the update waits for. @default nothing */
  readonly waitFor?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** The object that takes this one with it when it is deleted. */
  readonly owner?: k8s.apiextensions.CustomResource;
}

const ownerReference = ({ apiVersion: version, kind, metadata }: k8s.apiextensions.CustomResource) => ({
  ...{ apiVersion: version, kind },
  name: metadata.name,
  uid: metadata.uid,
});

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
  /** Name of the cluster: a recovered one has a log of its own. */
  readonly logName: string;
  readonly objectStoreChecked: readonly pulumi.Resource[];
  readonly connections: readonly Connection[];
  readonly sharedVariables: SharedVariables;

  constructor(name: string, args: PostgresqlOnCloudNativePgArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:PostgresqlOnCloudNativePg", name, {}, opts);
    const own = { parent: this };
    const { settings, pools } = args;
    const planned = plannedClusters(settings);
    this.captureRevision = settings.active;
    this.logName = settings.active;

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
        data: readFiles(import.meta.dirname, ["check.sh", "check-pooler.sh", "archive-problems.sql"]),
      },
      own,
    );
    const backups =
      args.backups &&
      new Backups(
        "nx-postgresql-backups",
        { ...args.backups, settings: settings.backup, pool: pools.default, protect: args.protect },
        own,
      );
    this.objectStoreChecked = backups ? [backups.checked] : [];
    const first = [scripts, this.superuser, this.app, ...(backups?.ready ?? [])];
    const make = (plan: PlannedCluster, dependsOn: readonly pulumi.Resource[]) => {
      const cluster = this.#cluster(plan, args, secrets, dependsOn);
      if (settings.backup.enabled) backups?.schedule(plan, { dependsOn: [cluster] });
      return { plan, cluster };
    };
    const running = planned.filter(({ isStopped }) => !isStopped).map((plan) => make(plan, first));
    const declared = running.map(({ plan, cluster }) => ({ plan, database: this.#database(plan, cluster) }));

    const { active } = settings;
    const poolers = poolersOf(active);
    const activeCluster = running.filter(({ plan }) => plan.isActive).map(({ cluster }) => cluster);
    const pooled = (["transaction", "session"] as const).map((mode) =>
      this.#pooler(active, mode, args, [...activeCluster, scripts]),
    );
    // A change of the active cluster leads applications to it when it and its poolers are ready.
    const moved = { ...own, dependsOn: [...activeCluster, ...pooled] };
    const moving = [
      service(services.primary, { endpoint: { ...primaryOf(active), ports: { postgresql: port } } }, moved),
      service(services.replica, { endpoint: { ...replicasOf(active), ports: { postgresql: port } } }, moved),
      service(services.pooled, { endpoint: { ...pooler(poolers.transaction), ports: { pgbouncer: port } } }, moved),
      service(services.pooledSessions, { endpoint: { ...pooler(poolers.session), ports: { pgbouncer: port } } }, moved),
    ];
    for (const plan of planned.filter(({ isStopped }) => isStopped)) {
      const { cluster } = make(plan, [...first, ...moving]);
      this.#database(plan, cluster);
    }

    const activeDatabase = declared.filter(({ plan }) => plan.isActive).map((each) => each.database);
    this.primaryReady = this.#init(active, args.clientImage, pools.default, [...activeDatabase, ...moving]);
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
    { name, recovery, isStopped }: PlannedCluster,
    args: PostgresqlOnCloudNativePgArgs,
    secrets: { readonly superuser: string; readonly app: string },
    dependsOn: readonly pulumi.Resource[],
  ): k8s.apiextensions.CustomResource {
    const { settings, image, pools, storageClass, backups } = args;
    const archives = backups !== undefined && settings.backup.enabled;
    const spec = clusterSpec({
      ...{ name, settings, image, pool: pools.stateful, storageClass, secrets, scripts: scriptsName },
      backup: clusterBackup({ name, ...(recovery && { recovery }) }, { archives, appSecret: secrets.app }),
    });
    return this.#object<ClusterSpec>("Cluster", name, spec, {
      dependsOn: [...dependsOn],
      ...(isStopped ? {} : { waitFor: "condition=Ready" }),
      annotations: { [hibernation]: isStopped ? "on" : "off" },
      // Stopping it was the first of two steps: the next update may delete it.
      protect: args.protect && !isStopped,
      // Where the data came from matters only once, and the operator refuses a change.
      ignoreChanges: ["spec.bootstrap"],
      hooks: { beforeUpdate: [clusterGuard(name)], afterUpdate: [untilSettled(name, args.context)] },
      customTimeouts: { create: "30m", update: "40m", delete: "10m" },
    });
  }

  #database({ name, isStopped }: PlannedCluster, cluster: k8s.apiextensions.CustomResource): pulumi.Resource {
    return this.#object<DatabaseSpec>("Database", name, databaseSpec(name), {
      dependsOn: [cluster],
      ...(isStopped ? {} : { waitFor: "jsonpath={.status.applied}=true" }),
      // Goes with its cluster: a server must confirm an earlier deletion, and a stopped cluster has none.
      owner: cluster,
      deletedWith: cluster,
    });
  }

  #pooler(
    cluster: string,
    poolMode: "transaction" | "session",
    { pooler: { settings, image }, pools }: PostgresqlOnCloudNativePgArgs,
    dependsOn: readonly pulumi.Resource[],
  ): pulumi.Resource {
    const name = poolersOf(cluster)[poolMode];
    const common = { name, cluster, poolMode, settings, image, pool: pools.stateful };
    const made = this.#object<PoolerSpec>("Pooler", name, poolerSpec({ ...common, scripts: scriptsName }), {
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
    return made;
  }

  /** An object of the operator's API. */
  #object<Spec extends object>(
    kind: string,
    name: string,
    spec: Spec,
    { waitFor, annotations, owner, ...opts }: ObjectOptions,
  ): k8s.apiextensions.CustomResource {
    return new k8s.apiextensions.CustomResource(
      name,
      {
        apiVersion,
        kind,
        metadata: {
          ...{ name, namespace, labels: commonLabels },
          ...(owner && { ownerReferences: [ownerReference(owner)] }),
          annotations: {
            ...annotations,
            // Pulumi's default deletes pods first, and the operator would make them again as long as its object exists.
            "pulumi.com/deletionPropagationPolicy": "background",
            ...(waitFor === undefined ? { "pulumi.com/skipAwait": "true" } : { "pulumi.com/waitFor": waitFor }),
          },
        },
        spec,
      },
      { parent: this, ...opts },
    );
  }

  #init(cluster: string, image: string, pool: NodePool, dependsOn: readonly pulumi.Resource[]): pulumi.Resource {
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
        cluster,
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
