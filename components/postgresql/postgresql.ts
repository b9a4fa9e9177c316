import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { NodePool, PostgresqlSettings, ServerName } from "../../settings.ts";
import { checksum, readFiles } from "../config-files.ts";
import { commonLabels, serviceHost } from "../names.ts";
import { pgbouncer } from "../pgbouncer/endpoint.ts";
import type { PodPlan } from "../pod.ts";
import { RoleSecret } from "../role-secret.ts";
import { service } from "../service.ts";
import { statefulSet } from "../stateful-set.ts";
import type { StatefulSetArgs } from "../stateful-set.ts";
import type { Storage } from "../storage.ts";
import { storeBehind } from "../store.ts";
import type { Store } from "../store.ts";
import { postgresql, primary, replica, server } from "./endpoints.ts";
import {
  contract,
  headlessName,
  otherServer,
  port,
  primaryHost,
  primaryName,
  primaryPod,
  replicaName,
  replicaPod,
  scriptsName,
} from "./plan.ts";
import type { CredentialSecrets, ServerPlan } from "./plan.ts";

/** Of both roles. */
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
  "stop.sh",
  "bootstrap.sql",
  "pg_hba.conf",
];

export interface PostgresqlArgs {
  readonly settings: PostgresqlSettings;
  readonly image: string;
  readonly pool: NodePool;
  readonly storage: Storage;
}

/**
 * A primary, and a replica that streams from it by a slot of its own; each a StatefulSet with one pod. Which of the two is the
 * primary is a setting: Services and network policies select pods by their role, so that no client ever finds a standby behind
 * the primary's name.
 */
export class Postgresql extends pulumi.ComponentResource {
  readonly superuser: RoleSecret;
  readonly app: RoleSecret;
  readonly stores: readonly Store[];
  /** Name of the StatefulSet that is the primary. */
  readonly primaryServer: string;
  /** That StatefulSet: up when the primary has its roles and takes connections, whatever the replica does. */
  readonly primary: pulumi.Resource;

  constructor(name: string, args: PostgresqlArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:Postgresql", name, {}, opts);
    const { settings } = args;
    const own = { parent: this };
    const { namespace } = primary;
    this.primaryServer = settings.primaryServer;

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

    const files = readFiles(import.meta.dirname, scripts);
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
    const read = (from: readonly RoleSecret[]) => ({
      checksums: {
        files: checksum(files),
        ...Object.fromEntries(from.map((role) => [role.role.replaceAll("_", "-"), role.checksum])),
      },
      after: [config, ...from],
    });
    const standby = this.#server(otherServer(primaryServer), args, secrets, replicaPod, {
      ...read([replication]),
      running: otherServerLost ? 0 : 1,
    });
    const primaryReads = read([this.superuser, this.app, replication]);
    this.primary = this.#server(primaryServer, args, secrets, primaryPod, {
      ...primaryReads,
      running: 1,
      // Otherwise it is the servers themselves that wait for each other.
      after: [...primaryReads.after, ...(otherServerLost ? [standby] : [])],
    });
    const store = (title: string, service: string, { secretName }: RoleSecret) =>
      storeBehind({ title, service, namespace, port, secretName });
    this.stores = [
      store("PostgreSQL, primary", primaryName, this.superuser),
      store("PostgreSQL, replica (read-only)", replicaName, this.app),
    ];
    this.registerOutputs();
  }

  #server(
    name: ServerName,
    { settings, image, pool, storage }: PostgresqlArgs,
    secrets: CredentialSecrets,
    pod: (plan: ServerPlan) => PodPlan,
    run: Pick<ServerPlan, "checksums"> & Pick<StatefulSetArgs, "after" | "running">,
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
        storage,
        size: settings.storage,
        after: run.after,
      },
      own,
    );
  }
}
