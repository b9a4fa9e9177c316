import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { KafkaAccess, KafkaSettings, NodePool } from "../../../settings.ts";
import { checksum, readFiles } from "../../config-files.ts";
import { connectionTo, credentialFor } from "../../contract/connection.ts";
import type { Connection } from "../../contract/connection.ts";
import type { KafkaStore, SharedVariables } from "../../contract/stores.ts";
import { commonLabels, serviceHost } from "../../names.ts";
import { refuseShrinking } from "../../volume-claims.ts";
import { KafkaUser, mechanism } from "../user.ts";
import type { KafkaUserArgs } from "../user.ts";
import { explainFailures } from "./conditions.ts";
import { customResource, reconciled } from "./custom-resource.ts";
import { brokers, cluster } from "./endpoints.ts";
import { kafkaCluster, metrics, rebalanceTemplate } from "./kafka-cluster.ts";
import { nodePools } from "./node-pools.ts";
import { kafkaTopic, objectNameOf, refuseFewerPartitions } from "./topics.ts";
import type { Topic } from "./topics.ts";
import { KafkaUsers } from "./users-component.ts";
import { applicationAcls, captureAcls } from "./users.ts";
import { sharedVariables } from "../shared-variables.ts";

/** Name of the Service for clients, as that of the StatefulSet. */
const serviceName = "nx-kafka";

const { namespace } = brokers;

export interface StrimziKafkaArgs {
  readonly settings: KafkaSettings;
  /** Context of the kubeconfig. */
  readonly context: pulumi.Input<string>;
  /** Version of the operator. */
  readonly operator: string;
  /** Registry to prefix every image with. */
  readonly registry?: string | undefined;
  readonly pool: NodePool;
  readonly storageClass: string;
  /** Refuse to delete the Kafka cluster: its certificates and its Services would go with it, and clients lose it. */
  readonly protect: boolean;
  /** Name of the user that all backend services share. */
  readonly application: string;
  /** Debezium's user. */
  readonly capture: KafkaUserArgs & {
    /** Prefix of the topics of captured changes. */
    readonly topicPrefix: string;
    /** Name of the worker's group, and prefix of its internal topics. */
    readonly worker: string;
  };
}

/** Kafka run by the operator Strimzi: brokers and controllers on nodes of their own, with declared topics and users. */
export class StrimziKafka extends pulumi.ComponentResource implements KafkaStore {
  readonly bootstrapServers: string;
  readonly saslMechanism = mechanism;
  readonly application: KafkaUser;
  readonly usersReady: pulumi.Resource;
  readonly connections: readonly Connection[];
  readonly sharedVariables: SharedVariables;
  readonly #users: readonly KafkaUser[];
  readonly #onError: pulumi.ErrorHook;

  constructor(name: string, args: StrimziKafkaArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:StrimziKafka", name, {}, opts);
    const { settings, capture } = args;
    this.#onError = explainFailures(args.context);
    const own = { parent: this };
    const { client } = brokers.ports;
    // One name for any number of brokers. Brokers tell clients their own names, which resolve in every namespace.
    this.bootstrapServers = `${serviceHost(serviceName, namespace)}:${String(client)}`;

    const createUser = ({ username, namespace, passwordVersion }: KafkaUserArgs) =>
      new KafkaUser({ username, namespace, passwordVersion, bootstrapServers: this.bootstrapServers }, own);
    const { passwordVersion } = settings;
    this.application = createUser({ username: args.application, namespace, passwordVersion });
    const captureUser = createUser(capture);
    const declared = Object.entries(settings.users).map(
      ([username, { passwordVersion, access }]) =>
        [createUser({ username, namespace: "nx-backend", passwordVersion }), access] as const,
    );
    this.#users = [this.application, captureUser, ...declared.map(([user]) => user)];

    const kafka = this.#cluster(args);
    this.#service();

    const acls = (access: KafkaAccess = settings.strimzi.access) =>
      applicationAcls({ access, topics: Object.keys(settings.topics), captured: capture.topicPrefix });
    this.usersReady = new KafkaUsers(
      `${name}-users`,
      {
        onError: this.#onError,
        users: [
          { user: this.application, acls: acls() },
          { user: captureUser, acls: captureAcls(capture.topicPrefix, capture.worker) },
          ...declared.map(([user, access]) => ({ user, acls: acls(access) })),
        ],
      },
      { ...own, dependsOn: kafka },
    );
    this.#topics(settings, kafka);

    this.connections = [
      connectionTo({
        name: "kafka",
        title: "Kafka",
        protocol: "kafka",
        namespace,
        service: serviceName,
        port: client,
        credential: credentialFor(this.application),
        redirectsToNodes: true,
      }),
    ];
    this.sharedVariables = sharedVariables(this, mechanism, this.application);
    this.registerOutputs();
  }

  /** The `Kafka` object with its pools, metrics and template of rebalances. */
  #cluster({ settings, operator, registry, pool, storageClass, protect }: StrimziKafkaArgs): pulumi.Resource {
    const { strimzi } = settings;
    const own = { parent: this };
    const shrinking = new pulumi.ResourceHook(
      "refuse-shrinking-of-pool",
      ({ name, oldInputs, newInputs }) => {
        refuseShrinking(name, claimOf(oldInputs), claimOf(newInputs));
      },
      { onDryRun: true },
    );
    const pools = nodePools({ settings, strimzi, storageClass, pool });
    const poolObjects = pools.map(({ name, annotations, spec }) =>
      customResource(
        "KafkaNodePool",
        { name, annotations, spec },
        { ...own, protect, hooks: { beforeUpdate: [shrinking] } },
      ),
    );
    const exporters = new k8s.core.v1.ConfigMap(
      metrics.name,
      {
        metadata: { name: metrics.name, namespace, labels: commonLabels },
        data: readFiles(import.meta.dirname, [metrics.kafka, metrics.cruiseControl]),
      },
      own,
    );
    const rebalance = customResource(
      "KafkaRebalance",
      { name: rebalanceTemplate, annotations: { "strimzi.io/rebalance-template": "true" }, spec: {} },
      own,
    );
    return customResource(
      "Kafka",
      {
        name: cluster,
        annotations: reconciled,
        spec: kafkaCluster({
          settings,
          strimzi,
          pool,
          operator,
          registry,
          poolsChecksum: checksum({ pools: JSON.stringify(pools) }),
        }),
      },
      // Created after its pools, which it cannot be without, and deleted before them.
      {
        ...own,
        protect,
        dependsOn: [...poolObjects, exporters, rebalance],
        hooks: { onError: [this.#onError] },
        customTimeouts: { create: "20m", update: "60m" },
      },
    );
  }

  /** For clients. The operator's own has another name than in the other stacks. */
  #service(): void {
    const port = brokers.ports.client;
    new k8s.core.v1.Service(
      serviceName,
      {
        metadata: {
          name: serviceName,
          namespace,
          // Not the operator's: it deletes Services with its labels that it does not know.
          labels: { ...commonLabels, "app.kubernetes.io/name": "kafka" },
          // Pulumi would wait for pods, which the operator makes later.
          annotations: { "pulumi.com/skipAwait": "true" },
        },
        spec: {
          type: "ClusterIP",
          selector: brokers.pods,
          // By number: the operator chooses the names of the pods' ports.
          ports: [{ name: "client", port, targetPort: port, protocol: "TCP" }],
        },
      },
      { parent: this },
    );
  }

  #topics(settings: KafkaSettings, kafka: pulumi.Resource): void {
    const fewerPartitions = new pulumi.ResourceHook(
      "refuse-fewer-partitions",
      ({ oldInputs, newInputs }) => {
        refuseFewerPartitions(oldInputs as Topic, newInputs as Topic);
      },
      { onDryRun: true },
    );
    for (const [topic, settingsOfTopic] of Object.entries(settings.topics)) {
      customResource(
        "KafkaTopic",
        {
          name: objectNameOf(topic),
          // Declared again, it is the object that stayed: see retainOnDelete.
          annotations: { ...reconciled, "pulumi.com/patchForce": "true" },
          spec: kafkaTopic(topic, settingsOfTopic),
        },
        {
          parent: this,
          dependsOn: kafka,
          // Deleting a KafkaTopic deletes the topic with its messages. A topic that is no longer declared stays.
          retainOnDelete: true,
          hooks: { beforeUpdate: [fewerPartitions], onError: [this.#onError] },
        },
      );
    }
  }

  user(username: string): KafkaUser {
    const found = this.#users.find((user) => user.username === username);
    if (!found) throw new Error(`Kafka has no user ${username}`);
    return found;
  }
}

/** The volume of a pool's nodes, as a claim for it. */
function claimOf(pool: unknown) {
  const { spec } = pool as { spec?: { storage?: { volumes?: readonly { size?: string }[] } } };
  const storage = spec?.storage?.volumes?.[0]?.size;
  return { spec: { resources: { requests: storage === undefined ? {} : { storage } } } };
}
