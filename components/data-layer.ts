import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { backupStore, storeInUse } from "../settings.ts";
import type { Settings } from "../settings.ts";
import type { Connection } from "./contract/connection.ts";
import type { CaptureStore, KafkaStore, PostgresqlStore, RedisStore, SearchStore } from "./contract/stores.ts";
import { Debezium } from "./debezium/debezium.ts";
import { debezium } from "./debezium/endpoint.ts";
import { connector } from "./debezium/pods.ts";
import { dependOnMarker, ImplementationMarker } from "./implementation-marker.ts";
import { Kafka } from "./kafka/statefulset/kafka.ts";
import { StrimziKafka } from "./kafka/strimzi/kafka.ts";
import { dependOnNamespace, Namespaces, namespacesOf } from "./namespaces.ts";
import { flows } from "./network/flows.ts";
import { Network, podsDependOnNetwork } from "./network/network.ts";
import type { Manifests } from "./operators/manifest.ts";
import { dependOnOperators, Operators } from "./operators/operators.ts";
import { PostgresqlOnCloudNativePg } from "./postgresql/cloudnative-pg/postgresql.ts";
import { Postgresql } from "./postgresql/statefulset/postgresql.ts";
import { Redis } from "./redis/redis.ts";
import { waitForRollouts } from "./rollout.ts";
import { SharedConfig } from "./shared-config.ts";
import { Typesense } from "./typesense/typesense.ts";
import { VolumeClaims } from "./volume-claims.ts";

export { checkDeletions, liveClusters, RefusedDeletion } from "./postgresql/cloudnative-pg/deletion.ts";

export interface DataLayerArgs {
  readonly settings: Settings;
  /** Manifests of the operators that the settings install; undefined if they install none. */
  readonly manifests: Manifests | undefined;
  /** Context of the kubeconfig. Resolves when its cluster is reachable. */
  readonly context: pulumi.Input<string>;
}

/** Kafka's user for Debezium. */
const captureUser = "nx.debezium";

/** An image's reference in the registry or mirror. */
const imageFrom = (registry: string | undefined) => (reference: string) =>
  registry ? `${registry}/${reference}` : reference;

/** BANA's data layer in one cluster. */
export class DataLayer extends pulumi.ComponentResource {
  readonly postgresql: PostgresqlStore;
  readonly kafka: KafkaStore;
  readonly redis: RedisStore;
  readonly typesense: SearchStore;
  readonly debezium: CaptureStore;
  readonly connections: readonly Connection[];

  constructor(name: string, args: DataLayerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:DataLayer", name, {}, opts);
    const { settings, context } = args;
    const { images, nodePools: pools } = settings;
    const { protect, storageClass } = settings.cluster;
    const pool = pools.stateful;
    const image = imageFrom(images.registry);

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

    const names = namespacesOf(settings);
    const namespaces = new Namespaces("namespaces", { names, protect }, own);
    const inNamespaces = { ...own, transformations: [dependOnNamespace(namespaces)] };
    const network = new Network("network", { namespaces: names, flows: flows(settings) }, inNamespaces);
    const ready = {
      ...own,
      transformations: [dependOnNamespace(namespaces), podsDependOnNetwork(network), waitForRollouts(context)],
    };

    const operators = this.#operators(args, ready);

    const volumeClaims = new VolumeClaims({ storageClass, protect });
    const operated = { ...ready, transformations: [...ready.transformations, dependOnOperators(operators)] };
    this.postgresql = this.#postgresql(args, volumeClaims, operated);
    this.kafka = this.#kafka(args, volumeClaims, operated);
    const objectStore = storeInUse(settings.objectStore);
    const backups = objectStore && {
      ...{ objectStore, rcloneImage: image(images.rclone) },
      checked: this.postgresql.objectStoreChecked,
    };
    this.redis = new Redis(
      "nx-redis",
      {
        settings: settings.redis,
        image: image(images.redis),
        pools,
        volumeClaims,
        ...(backups && { backups }),
      },
      ready,
    );
    this.debezium = new Debezium(
      "nx-debezium",
      {
        settings: settings.debezium,
        image: image(images.debezium),
        pools,
        postgresql: this.postgresql,
        postgresqlImage: image(images.postgresql),
        kafka: this.kafka,
        kafkaUser: this.kafka.user(captureUser),
      },
      ready,
    );
    this.typesense = new Typesense(
      "nx-typesense",
      {
        settings: settings.typesense,
        image: image(images.typesense),
        pool,
        volumeClaims,
        ...(backups && { backups }),
      },
      ready,
    );

    const stores = [this.postgresql, this.redis, this.kafka, this.typesense];
    new SharedConfig(
      "shared-config",
      stores.map(({ sharedVariables }) => sharedVariables),
      ready,
    );
    this.connections = [...stores, this.debezium].flatMap(({ connections }) => connections);
    this.registerOutputs();
  }

  /** The operators that the settings install. */
  #operators({ settings, manifests, context }: DataLayerArgs, ready: pulumi.ComponentResourceOptions): Operators {
    const { images, nodePools, cluster } = settings;
    const image = imageFrom(images.registry);
    return new Operators(
      "operators",
      {
        manifests,
        settings: settings.operators,
        images: {
          cloudNativePg: image(images.cloudNativePg),
          barmanCloud: image(images.barmanCloud),
          barmanCloudSidecar: image(images.barmanCloudSidecar),
        },
        imageFrom: image,
        pool: nodePools.default,
        protect: cluster.protect,
        context,
      },
      ready,
    );
  }

  /** PostgreSQL, by the implementation of the settings. */
  #postgresql(
    { settings, context }: DataLayerArgs,
    volumeClaims: VolumeClaims,
    ready: pulumi.ComponentResourceOptions,
  ): PostgresqlStore {
    const { images, nodePools: pools } = settings;
    const { protect, storageClass } = settings.cluster;
    const image = imageFrom(images.registry);
    const { implementation } = settings.postgresql;
    const marker = new ImplementationMarker(
      "nx-postgresql-implementation",
      { section: "postgresql", namespace: "nx-persistent", implementation },
      ready,
    );
    const marked = { ...ready, transformations: [...(ready.transformations ?? []), dependOnMarker(marker)] };
    if (implementation === "cloudnative-pg") {
      const store = backupStore(settings);
      return new PostgresqlOnCloudNativePg(
        "nx-postgresql",
        {
          settings: settings.postgresql,
          image: image(images.cloudNativePgPostgresql),
          pooler: { settings: settings.pgbouncer, image: image(images.cloudNativePgPooler) },
          clientImage: image(images.postgresql),
          pools,
          storageClass,
          protect,
          context,
          ...(store && { backups: { store, image: image(images.barmanCloudSidecar) } }),
        },
        marked,
      );
    }
    return new Postgresql(
      "nx-postgresql",
      {
        settings: settings.postgresql,
        image: image(images.postgresql),
        pooler: { settings: settings.pgbouncer, image: image(images.pgbouncer) },
        pool: pools.stateful,
        volumeClaims,
      },
      marked,
    );
  }

  /** Kafka, by the implementation of the settings. */
  #kafka(
    { settings, context }: DataLayerArgs,
    volumeClaims: VolumeClaims,
    ready: pulumi.ComponentResourceOptions,
  ): KafkaStore {
    const { images, nodePools: pools, cluster, debezium: captureSettings } = settings;
    const { implementation } = settings.kafka;
    const marker = new ImplementationMarker(
      "nx-kafka-implementation",
      { section: "kafka", namespace: "nx-broker", implementation },
      ready,
    );
    const marked = { ...ready, transformations: [...(ready.transformations ?? []), dependOnMarker(marker)] };
    const application = `nx.${pulumi.getStack()}`;
    const capture = {
      username: captureUser,
      namespace: debezium.namespace,
      passwordVersion: captureSettings.passwordVersion[captureUser],
    };
    if (implementation === "strimzi") {
      return new StrimziKafka(
        "nx-kafka",
        {
          settings: settings.kafka,
          context,
          operator: settings.operators.strimzi.version,
          registry: images.registry,
          pool: pools.stateful,
          storageClass: cluster.storageClass,
          protect: cluster.protect,
          application,
          capture: { ...capture, topicPrefix: captureSettings.topicPrefix, worker: connector },
        },
        marked,
      );
    }
    return new Kafka(
      "nx-kafka",
      {
        settings: settings.kafka,
        image: imageFrom(images.registry)(images.kafka),
        pools,
        volumeClaims,
        application,
        users: [capture],
      },
      marked,
    );
  }
}
