import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { NodePool, PostgresqlSettings, ServerName } from "../../settings.ts";
import { checksum, readFiles } from "../config-files.ts";
import { commonLabels, serviceHost } from "../names.ts";
import { pgbouncer } from "../pgbouncer/endpoint.ts";
import type { PodArgs } from "../pod.ts";
import { RoleSecret } from "../role-secret.ts";
import { service } from "../service.ts";
import { statefulSet } from "../stateful-set.ts";
import type { StatefulSetArgs } from "../stateful-set.ts";
import { storeBehind } from "../store.ts";
import type { Store } from "../store.ts";
import type { VolumeClaims } from "../volume-claims.ts";
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
} from "./pods.ts";
import type { CredentialSecrets, ServerPodArgs } from "./pods.ts";

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
  "stop.sh",
  "bootstrap.sql",
  "pg_hba.conf",
];

export interface PostgresqlArgs {
  readonly settings: PostgresqlSettings;
  readonly image: string;
  readonly pool: NodePool;
  readonly volumeClaims: VolumeClaims;
}

/**
 * A primary and a replica that streams from it through a physical slot; each is a StatefulSet with one pod. A setting
 * selects the primary. Services and network policies select pods by role, so the primary's Service never leads to the
 * standby.
 */
export class Postgresql extends pulumi.ComponentResource {
  readonly superuser: RoleSecret;
  readonly app: RoleSecret;
  readonly stores: readonly Store[];
  /** Name of the StatefulSet that is the primary. */
  readonly primaryServer: string;
  /** That StatefulSet: ready when the primary has its roles and accepts connections, independent of the replica. */
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
    const inputs = (roles: readonly RoleSecret[]) => ({
      checksums: {
        files: checksum(files),
        ...Object.fromEntries(roles.map((role) => [role.role.replaceAll("_", "-"), role.checksum])),
      },
      dependsOn: [config, ...roles],
    });
    const standby = this.#server(otherServer(primaryServer), args, secrets, replicaPod, {
      ...inputs([replication]),
      running: otherServerLost ? 0 : 1,
    });
    const primaryInputs = inputs([this.superuser, this.app, replication]);
    this.primary = this.#server(primaryServer, args, secrets, primaryPod, {
      ...primaryInputs,
      running: 1,
      // Stops a lost server before the promotion. Otherwise the servers' init containers wait for each other.
      dependsOn: [...primaryInputs.dependsOn, ...(otherServerLost ? [standby] : [])],
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
