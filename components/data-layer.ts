import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../settings.ts";
import { serviceHost } from "./names.ts";
import { Namespaces } from "./namespaces.ts";
import { flows } from "./network/flows.ts";
import { Network } from "./network/network.ts";
import { pgbouncer } from "./pgbouncer/endpoint.ts";
import { PgBouncer } from "./pgbouncer/pgbouncer.ts";
import { name as pgbouncerName, servicePort } from "./pgbouncer/plan.ts";
import { contract, port, primaryHost, replicaHost } from "./postgresql/plan.ts";
import { Postgresql } from "./postgresql/postgresql.ts";
import { SharedConfig } from "./shared-config.ts";
import { Storage } from "./storage.ts";

/** How to reach a store; for people and for tools that show it to them. */
export interface Store {
  readonly store: string;
  /** Host and port inside the cluster. */
  readonly endpoint: string;
  /** Namespace and name of the Secret with the credentials. */
  readonly secret: string;
  /** A command that makes the store reachable at localhost. */
  readonly connect: string;
}

/** The data layer of BANA in one cluster. */
export class DataLayer extends pulumi.ComponentResource {
  /** Where applications reach PostgreSQL: the pooler. */
  readonly host = serviceHost(pgbouncerName, pgbouncer.namespace);
  readonly port = servicePort;
  readonly stores: readonly Store[];
  readonly postgresql: Postgresql;

  constructor(name: string, settings: Settings, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:DataLayer", name, {}, opts);
    const { images } = settings;
    const { context, protect, storageClass } = settings.cluster;
    const pool = settings.nodePools.stateful;
    const image = (reference: string) => (images.registry ? `${images.registry}/${reference}` : reference);

    // Explicit, so that nothing is ever created in whatever cluster the kubeconfig happens to point to.
    const provider = new k8s.Provider(
      "cluster",
      {
        context,
        enableServerSideApply: true,
        enableConfigMapMutable: true,
        enableSecretMutable: true,
      },
      { parent: this },
    );
    const own = { parent: this, providers: [provider] };

    const namespaces = new Namespaces("namespaces", { protect }, own);
    // Before any pod runs.
    const network = new Network("network", { flows }, { ...own, dependsOn: [namespaces] });
    const ready = { ...own, dependsOn: [network] };

    const storage = new Storage({ storageClass, protect });
    this.postgresql = new Postgresql(
      "nx-postgresql",
      { settings: settings.postgresql, image: image(images.postgresql), pool, storage },
      ready,
    );
    const { superuser, app } = this.postgresql;
    new PgBouncer(
      pgbouncerName,
      { settings: settings.pgbouncer, image: image(images.pgbouncer), pool, roles: { superuser, app } },
      ready,
    );
    new SharedConfig(
      "shared-config",
      {
        plain: {
          APP_ENV_POSTGRES_HOST: this.host,
          APP_ENV_POSTGRES_PORT: String(this.port),
          APP_ENV_POSTGRES_DATABASE: contract.database,
          APP_ENV_POSTGRES_USERNAME: contract.appUser,
        },
        secret: { APP_ENV_POSTGRES_PASSWORD: app.password },
      },
      ready,
    );

    const store = (title: string, host: string, role: RoleSecretName): Store => ({
      store: title,
      endpoint: `${host}:${String(port)}`,
      secret: `${pgbouncer.namespace}/${role.secretName}`,
      connect: `kubectl port-forward --namespace ${pgbouncer.namespace} service/${host.split(".")[0] ?? host} 5432:${String(port)}`,
    });
    this.stores = [
      store("PostgreSQL, pooled", this.host, app),
      store("PostgreSQL, primary", primaryHost, superuser),
      store("PostgreSQL, replica (read-only)", replicaHost, app),
    ];
    this.registerOutputs();
  }
}

interface RoleSecretName {
  readonly secretName: string;
}
