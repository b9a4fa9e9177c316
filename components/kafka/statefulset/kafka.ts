import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { KafkaSettings, NodePool } from "../../../settings.ts";
import { checksum, readFiles } from "../../config-files.ts";
import { connectionTo, credentialFor } from "../../contract/connection.ts";
import type { Connection } from "../../contract/connection.ts";
import type { KafkaStore, SharedVariables } from "../../contract/stores.ts";
import { initJob } from "../../init-job.ts";
import { commonLabels } from "../../names.ts";
import { service } from "../../service.ts";
import { statefulSet } from "../../stateful-set.ts";
import type { VolumeClaims } from "../../volume-claims.ts";
import { kafka } from "./endpoint.ts";
import {
  bootstrapServers,
  brokerPod,
  check,
  commonProperties,
  headless,
  jaas,
  name as objectName,
  refuseTopicChanges,
  topicFiles,
  topicsJob,
  topicsPod,
  usersJob,
  usersPod,
} from "./pods.ts";
import { KafkaUser, mechanism } from "../user.ts";
import type { KafkaUserArgs } from "../user.ts";
import { sharedVariables } from "../shared-variables.ts";

/** A change restarts the brokers. */
const scripts = ["init.sh", "quorum.sh", "replication.sh", "stop.sh", "users.sh", "topics.sh", "log4j2.yaml"] as const;

export interface KafkaArgs {
  readonly settings: KafkaSettings;
  readonly image: string;
  readonly pools: { readonly stateful: NodePool; readonly default: NodePool };
  readonly volumeClaims: VolumeClaims;
  /** Name of the user that all backend services share. */
  readonly application: string;
  /** Users in addition to `application` and those of the settings. */
  readonly users: readonly KafkaUserArgs[];
}

/** Kafka in KRaft mode. Clients log in with SCRAM and connect to each broker by its own name. */
export class Kafka extends pulumi.ComponentResource implements KafkaStore {
  readonly bootstrapServers: string;
  readonly saslMechanism = mechanism;
  readonly application: KafkaUser;
  readonly usersReady: pulumi.Resource;
  readonly connections: readonly Connection[];
  readonly sharedVariables: SharedVariables;
  readonly #users: readonly KafkaUser[];

  constructor(name: string, args: KafkaArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:Kafka", name, {}, opts);
    const { settings, image, pools, volumeClaims } = args;
    const own = { parent: this };
    const { namespace } = kafka;
    const labels = { ...commonLabels, ...kafka.pods };
    this.bootstrapServers = bootstrapServers(settings);

    const declared = Object.entries(settings.users).map(([username, { passwordVersion }]): KafkaUserArgs => ({
      username,
      namespace: "nx-backend",
      passwordVersion,
    }));
    const { passwordVersion } = settings;
    const createUser = (user: KafkaUserArgs) =>
      new KafkaUser({ ...user, bootstrapServers: this.bootstrapServers }, own);
    this.application = createUser({ username: args.application, namespace, passwordVersion });
    this.#users = [this.application, ...[...args.users, ...declared].map(createUser)];

    const { "server.properties": template, ...others } = readFiles(import.meta.dirname, [
      ...scripts,
      "server.properties",
    ]);
    const files = { ...others, "server.properties": commonProperties(template, settings) };
    // Every volume is marked with it when it is formatted.
    const { result } = new random.RandomUuid(`${name}-cluster-id`, {}, own);
    const config = new k8s.core.v1.ConfigMap(
      name,
      {
        metadata: { name: objectName, namespace, labels },
        data: { ...files, ...readFiles(import.meta.dirname, ["check.sh"]), "cluster-id": result.apply(kafkaUuid) },
      },
      own,
    );
    const jaasFiles = readFiles(import.meta.dirname, [jaas.file]);
    const jaasSecret = new k8s.core.v1.Secret(
      jaas.secret,
      { metadata: { name: jaas.secret, namespace, labels }, type: "Opaque", stringData: jaasFiles },
      own,
    );

    const headlessService = service(headless, { endpoint: kafka, headless: true }, own);
    const brokers = statefulSet(
      objectName,
      {
        endpoint: kafka,
        serviceName: headless,
        replicas: settings.brokers,
        pod: brokerPod({
          settings,
          image,
          pool: pools.stateful,
          checksums: { files: checksum(files), jaas: checksum(jaasFiles) },
        }),
        volumeClaims,
        volumeSize: settings.storage,
        // Peers cache a broker's old address for seconds and must resolve the new one before the next broker stops.
        minReadySeconds: 10,
        scaleDownRefusal:
          "the removed brokers hold replicas of partitions, which would be lost. Set kafka.brokers back, or higher. " +
          "To remove the last brokers, move their partitions to the others first (kafka-reassign-partitions.sh), " +
          "scale down the StatefulSet with kubectl, and run `pulumi up --refresh`",
        // The headless Service must outlive the brokers: they need each other's names to shut down.
        dependsOn: [config, jaasSecret, headlessService],
      },
      own,
    );
    const { internal, client } = kafka.ports;
    // Depends on the brokers so that `destroy` deletes it first: stop.sh then knows that no peer will return.
    service(objectName, { endpoint: kafka, ports: { internal, client } }, { ...own, dependsOn: brokers });

    this.usersReady = this.#usersJob(args, files, [config, brokers]);
    if (Object.keys(settings.topics).length > 0) this.#topicsJob(args, files, [config, brokers]);

    this.connections = [
      connectionTo({
        name: "kafka",
        title: "Kafka",
        protocol: "kafka",
        namespace,
        service: objectName,
        port: client,
        credential: credentialFor(this.application),
        client: { pod: `service/${objectName}`, container: "kafka" },
        check,
        redirectsToNodes: true,
      }),
    ];
    this.sharedVariables = sharedVariables(this, mechanism, this.application);
    this.registerOutputs();
  }

  #usersJob(
    { settings, image, pools }: KafkaArgs,
    files: Readonly<Record<"users.sh", string>>,
    dependsOn: readonly pulumi.Resource[],
  ): pulumi.Resource {
    const own = { parent: this };
    const { namespace } = kafka;
    const passwords = new k8s.core.v1.Secret(
      usersJob,
      {
        metadata: { name: usersJob, namespace, labels: commonLabels },
        type: "Opaque",
        stringData: Object.fromEntries(this.#users.map(({ username, password }) => [username, password])),
      },
      own,
    );
    const checksums = Object.fromEntries(this.#users.map(({ username, checksum }) => [`user-${username}`, checksum]));
    const pod = usersPod({
      settings,
      image,
      pool: pools.default,
      checksums: { script: checksum({ "users.sh": files["users.sh"] }), ...checksums },
    });
    return initJob(usersJob, { namespace, pod }, { ...own, dependsOn: [...dependsOn, passwords, ...this.#users] });
  }

  #topicsJob(
    { settings, image, pools }: KafkaArgs,
    files: Readonly<Record<"topics.sh", string>>,
    dependsOn: readonly pulumi.Resource[],
  ): void {
    const own = { parent: this };
    const { namespace } = kafka;
    const data = topicFiles(settings.topics);
    // The Job checks the actual topics too. This check compares the declarations, and fails before anything is changed.
    const guard = new pulumi.ResourceHook(
      "refuse-topic-changes",
      ({ oldInputs, newInputs }) => {
        refuseTopicChanges(declaredTopics(oldInputs), declaredTopics(newInputs));
      },
      { onDryRun: true },
    );
    const topics = new k8s.core.v1.ConfigMap(
      topicsJob,
      { metadata: { name: topicsJob, namespace, labels: commonLabels }, data },
      { ...own, hooks: { beforeUpdate: [guard] } },
    );
    const pod = topicsPod({
      settings,
      image,
      pool: pools.default,
      checksums: { script: checksum({ "topics.sh": files["topics.sh"] }), topics: checksum(data) },
    });
    initJob(topicsJob, { namespace, pod }, { ...own, dependsOn: [...dependsOn, topics] });
  }

  user(username: string): KafkaUser {
    const found = this.#users.find((user) => user.username === username);
    if (!found) throw new Error(`Kafka has no user ${username}`);
    return found;
  }
}

const declaredTopics = (inputs: unknown): string => (inputs as { data?: { topics?: string } }).data?.topics ?? "";

/** A UUID in Kafka's format: 16 bytes in URL-safe base64. */
const kafkaUuid = (uuid: string): string => Buffer.from(uuid.replaceAll("-", ""), "hex").toString("base64url");
