import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../settings.ts";
import { Debezium } from "./debezium/debezium.ts";
import { debezium } from "./debezium/endpoint.ts";
import { kafkaUser, name as debeziumName } from "./debezium/pods.ts";
import { Kafka } from "./kafka/kafka.ts";
import { name as kafkaName } from "./kafka/pods.ts";
import { dependOnNamespace, Namespaces } from "./namespaces.ts";
import { flows, outsideFlows, typesensePeering } from "./network/flows.ts";
import { Network, podsDependOnNetwork } from "./network/network.ts";
import { PgBouncer } from "./pgbouncer/pgbouncer.ts";
import { name as pgbouncerName } from "./pgbouncer/pods.ts";
import { Postgresql } from "./postgresql/postgresql.ts";
import { Redis } from "./redis/redis.ts";
import { waitForRollouts } from "./rollout.ts";
import { SharedConfig } from "./shared-config.ts";
import type { Store } from "./store.ts";
import { name as typesenseName } from "./typesense/pods.ts";
import { Typesense } from "./typesense/typesense.ts";
import { VolumeClaims } from "./volume-claims.ts";

export interface DataLayerArgs {
  readonly settings: Settings;
  /** Context of the kubeconfig. Resolves when its cluster is reachable. */
  readonly context: pulumi.Input<string>;
}

/** BANA's data layer in one cluster. */
export class DataLayer extends pulumi.ComponentResource {
  readonly stores: readonly Store[];
  readonly postgresql: Postgresql;
  readonly kafka: Kafka;
  readonly redis: Redis;

  constructor(name: string, { settings, context }: DataLayerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:DataLayer", name, {}, opts);
    const { images } = settings;
    const { protect, storageClass } = settings.cluster;
    const pool = settings.nodePools.stateful;
    const image = (reference: string) => (images.registry ? `${images.registry}/${reference}` : reference);

    // Explicit: the default provider would create everything in the kubeconfig's current context.
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
    const network = new Network(
      "network",
      { flows: [...flows, ...(settings.typesense.replicas > 1 ? [typesensePeering] : [])], outsideFlows },
      { ...own, transformations: [dependOnNamespace(namespaces)] },
    );
    const ready = {
      ...own,
      transformations: [dependOnNamespace(namespaces), podsDependOnNetwork(network), waitForRollouts(context)],
    };

    const volumeClaims = new VolumeClaims({ storageClass, protect });
    this.postgresql = new Postgresql(
      "nx-postgresql",
      { settings: settings.postgresql, image: image(images.postgresql), pool, volumeClaims },
      ready,
    );
    const { superuser, app } = this.postgresql;
    const pooler = new PgBouncer(
      pgbouncerName,
      { settings: settings.pgbouncer, image: image(images.pgbouncer), pool, roles: { superuser, app } },
      ready,
    );

    this.kafka = new Kafka(
      kafkaName,
      {
        settings: settings.kafka,
        image: image(images.kafka),
        pools: settings.nodePools,
        volumeClaims,
        application: `nx.${pulumi.getStack()}`,
        users: [
          {
            username: kafkaUser,
            namespace: debezium.namespace,
            passwordVersion: settings.debezium.passwordVersion[kafkaUser],
          },
        ],
      },
      ready,
    );
    this.redis = new Redis(
      "nx-redis",
      {
        settings: settings.redis,
        image: image(images.redis),
        pools: settings.nodePools,
        volumeClaims,
      },
      ready,
    );

    const capture = new Debezium(
      debeziumName,
      {
        settings: settings.debezium,
        image: image(images.debezium),
        pools: settings.nodePools,
        postgresql: this.postgresql,
        postgresqlImage: image(images.postgresql),
        kafka: this.kafka,
      },
      ready,
    );
    const typesense = new Typesense(
      typesenseName,
      { settings: settings.typesense, image: image(images.typesense), pool, volumeClaims },
      ready,
    );

    const shared = [pooler, this.redis, this.kafka, typesense].map(({ sharedVariables }) => sharedVariables);
    new SharedConfig("shared-config", shared, ready);
    this.stores = [
      pooler.store,
      ...this.postgresql.stores,
      this.redis.store,
      this.kafka.store,
      typesense.store,
      capture.store,
    ];
    this.registerOutputs();
  }
}
