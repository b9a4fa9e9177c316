import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { NodePool, PostgresqlSettings } from "../../settings.ts";
import { checksum, readFiles } from "../config-files.ts";
import type { Files } from "../config-files.ts";
import { commonLabels, serviceHost } from "../names.ts";
import { pgbouncer } from "../pgbouncer/endpoint.ts";
import type { PodPlan } from "../pod.ts";
import { RoleSecret } from "../role-secret.ts";
import { service } from "../service.ts";
import { statefulSet } from "../stateful-set.ts";
import type { Storage } from "../storage.ts";
import { storeBehind } from "../store.ts";
import type { Store } from "../store.ts";
import { primary, replica } from "./endpoints.ts";
import type { Endpoint } from "../network/endpoint.ts";
import { contract, port, primaryHost, primaryName, primaryPod, replicaName, replicaPod } from "./plan.ts";

const primaryFiles = [
  "common.sh",
  "init-primary.sh",
  "start-primary.sh",
  "alive.sh",
  "stop.sh",
  "bootstrap.sql",
  "pg_hba.conf",
];
const replicaFiles = [
  "common.sh",
  "standby.sh",
  "prepare-replica.sh",
  "init-replica.sh",
  "start-replica.sh",
  "alive.sh",
  "alive-replica.sh",
  "stop.sh",
  "pg_hba.conf",
];

export interface PostgresqlArgs {
  readonly settings: PostgresqlSettings;
  readonly image: string;
  readonly pool: NodePool;
  readonly storage: Storage;
}

/** A primary, and a replica that streams from it by a slot of its own; each a StatefulSet with one pod. */
export class Postgresql extends pulumi.ComponentResource {
  readonly superuser: RoleSecret;
  readonly app: RoleSecret;
  readonly stores: readonly Store[];

  constructor(name: string, args: PostgresqlArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:Postgresql", name, {}, opts);
    const { settings, image, pool } = args;
    const own = { parent: this };
    const { namespace } = primary;

    const common = { namespace, port, database: contract.database };
    const version = settings.passwordVersion;
    this.superuser = new RoleSecret(
      `${name}-superuser-secret`,
      { ...common, role: contract.superuser, host: primaryHost, passwordVersion: version.postgres },
      own,
    );
    this.app = new RoleSecret(
      `${name}-app-secret`,
      {
        ...common,
        role: contract.appUser,
        host: serviceHost("nx-pgbouncer", pgbouncer.namespace),
        passwordVersion: version.nx_seller_operator,
      },
      own,
    );
    const replication = new RoleSecret(
      `${name}-replication-secret`,
      { ...common, role: contract.replicationUser, host: primaryHost, passwordVersion: version.repl_user },
      own,
    );
    const secrets = {
      superuser: this.superuser.secretName,
      app: this.app.secretName,
      replication: replication.secretName,
    };

    const primaryScripts = readFiles(import.meta.dirname, primaryFiles);
    this.#server(primaryName, primary, args, primaryScripts, [this.superuser, this.app, replication], (checksums) =>
      primaryPod({ settings, image, pool, secrets, checksums }),
    );
    const replicaScripts = readFiles(import.meta.dirname, replicaFiles);
    this.#server(replicaName, replica, args, replicaScripts, [replication], (checksums) =>
      replicaPod({ settings, image, pool, secrets, checksums }),
    );
    const store = (title: string, service: string, { secretName }: RoleSecret) =>
      storeBehind({ title, service, namespace, port, secretName });
    this.stores = [
      store("PostgreSQL, primary", primaryName, this.superuser),
      store("PostgreSQL, replica (read-only)", replicaName, this.app),
    ];
    this.registerOutputs();
  }

  #server(
    name: string,
    endpoint: Endpoint,
    { settings, storage }: PostgresqlArgs,
    files: Files,
    roles: readonly RoleSecret[],
    pod: (checksums: PodPlan["checksums"]) => PodPlan,
  ): void {
    const own = { parent: this };
    const { namespace } = endpoint;
    const metadata = { name, namespace, labels: { ...commonLabels, ...endpoint.pods } };
    const headless = `${name}-headless`;

    const scripts = new k8s.core.v1.ConfigMap(name, { metadata, data: files }, own);
    service(headless, { endpoint, headless: true }, own);
    service(name, { endpoint }, own);

    const checksums = {
      files: checksum(files),
      ...Object.fromEntries(roles.map((role) => [role.role.replaceAll("_", "-"), role.checksum])),
    };
    statefulSet(
      name,
      {
        endpoint,
        serviceName: headless,
        replicas: 1,
        pod: pod(checksums),
        storage,
        size: settings.storage,
        after: [scripts, ...roles],
      },
      own,
    );
  }
}
