import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { KafkaSettings, NodePool } from "../../settings.ts";
import { checksum, readFiles } from "../config-files.ts";
import type { Files } from "../config-files.ts";
import { initJob } from "../init-job.ts";
import { commonLabels } from "../names.ts";
import { service } from "../service.ts";
import type { SharedVariables } from "../shared-config.ts";
import { statefulSet } from "../stateful-set.ts";
import type { Storage } from "../storage.ts";
import { storeBehind } from "../store.ts";
import type { Store } from "../store.ts";
import { kafka } from "./endpoint.ts";
import {
  bootstrapServers,
  brokerPod,
  commonProperties,
  headless,
  jaas,
  mechanism,
  name as objectName,
  refuseTopicChanges,
  topicFiles,
  topicsJob,
  topicsPod,
  usersJob,
  usersPod,
} from "./plan.ts";
import { KafkaUser } from "./user.ts";
import type { KafkaUserArgs } from "./user.ts";

const scripts = ["init.sh", "replication.sh", "stop.sh", "users.sh", "topics.sh", "log4j2.yaml"];

export interface KafkaArgs {
  readonly settings: KafkaSettings;
  readonly image: string;
  readonly pools: { readonly stateful: NodePool; readonly default: NodePool };
  readonly storage: Storage;
  /** The user that all backend services share. */
  readonly application: string;
  /** Users beside it and those of the settings. */
  readonly users: readonly KafkaUserArgs[];
}

/** Kafka without ZooKeeper: brokers that are controllers too. Clients log in by SCRAM and reach each broker by its own name. */
export class Kafka extends pulumi.ComponentResource {
  /** Where clients find the cluster: hosts and ports, separated by commas. */
  readonly bootstrapServers: string;
  readonly application: KafkaUser;
  /** Done when every user can log in with its present password. */
  readonly usersReady: pulumi.Resource;
  readonly store: Store;
  readonly sharedVariables: SharedVariables;
  readonly #users: readonly KafkaUser[];

  constructor(name: string, args: KafkaArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:Kafka", name, {}, opts);
    const { settings, image, pools, storage } = args;
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
    const made = (user: KafkaUserArgs) => new KafkaUser({ ...user, bootstrapServers: this.bootstrapServers }, own);
    this.application = made({ username: args.application, namespace, passwordVersion });
    this.#users = [this.application, ...[...args.users, ...declared].map(made)];

    const { "server.properties": template = "", ...others } = readFiles(import.meta.dirname, [
      ...scripts,
      "server.properties",
    ]);
    const files = { ...others, "server.properties": commonProperties(template, settings) };
    // Every volume is marked with it when it is formatted.
    const { result } = new random.RandomUuid(`${name}-cluster-id`, {}, own);
    const config = new k8s.core.v1.ConfigMap(
      name,
      { metadata: { name: objectName, namespace, labels }, data: { ...files, "cluster-id": result.apply(kafkaUuid) } },
      own,
    );
    const jaasFiles = readFiles(import.meta.dirname, [jaas.file]);
    const jaasSecret = new k8s.core.v1.Secret(
      jaas.secret,
      { metadata: { name: jaas.secret, namespace, labels }, type: "Opaque", stringData: jaasFiles },
      own,
    );

    const names = service(headless, { endpoint: kafka, headless: true }, own);
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
        storage,
        size: settings.storage,
        // Its peers may remember its old address for a moment, and must have found the new one before the next goes.
        minReadySeconds: 10,
        keepsPods:
          "a broker holds copies of partitions, which would be lost with its volume. Set kafka.brokers back, or higher. " +
          "To have fewer, move the partitions of the last ones to the others first (kafka-reassign-partitions.sh), " +
          "scale the StatefulSet with kubectl, and then run `pulumi up --refresh`",
        // Brokers that are taken down still have to find one another.
        after: [config, jaasSecret, names],
      },
      own,
    );
    const { internal = 0, client = 0 } = kafka.ports;
    // It goes before them when all is taken down, by which they know that no peer comes back: see stop.sh.
    service(objectName, { endpoint: kafka, ports: { internal, client } }, { ...own, dependsOn: brokers });

    this.usersReady = this.#usersJob(args, files, [config, brokers]);
    if (Object.keys(settings.topics).length > 0) this.#topicsJob(args, files, [config, brokers]);

    this.store = storeBehind({
      title: "Kafka",
      service: objectName,
      namespace,
      port: client,
      secretName: this.application.secretName,
    });
    this.sharedVariables = {
      plain: {
        APP_ENV_KAFKA_BROKERS: this.bootstrapServers,
        APP_ENV_KAFKA_SASL_ENABLE: "true",
        APP_ENV_KAFKA_SASL_MECHANISM: mechanism,
        APP_ENV_KAFKA_SASL_USERNAME: this.application.username,
      },
      secret: { APP_ENV_KAFKA_SASL_PASSWORD: this.application.password },
    };
    this.registerOutputs();
  }

  #usersJob({ settings, image, pools }: KafkaArgs, files: Files, after: readonly pulumi.Resource[]): pulumi.Resource {
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
      checksums: { script: checksumOf(files, "users.sh"), ...checksums },
    });
    return initJob(usersJob, { namespace, pod }, { ...own, dependsOn: [...after, passwords] });
  }

  #topicsJob({ settings, image, pools }: KafkaArgs, files: Files, after: readonly pulumi.Resource[]): void {
    const own = { parent: this };
    const { namespace } = kafka;
    const data = topicFiles(settings.topics);
    // The Job refuses it too, which knows the topics as they are; this one comes before anything is changed.
    const refusal = new pulumi.ResourceHook(
      "refuse-topic-changes",
      ({ oldInputs, newInputs }) => {
        refuseTopicChanges(declaredTopics(oldInputs), declaredTopics(newInputs));
      },
      { onDryRun: true },
    );
    const topics = new k8s.core.v1.ConfigMap(
      topicsJob,
      { metadata: { name: topicsJob, namespace, labels: commonLabels }, data },
      { ...own, hooks: { beforeUpdate: [refusal] } },
    );
    const pod = topicsPod({
      settings,
      image,
      pool: pools.default,
      checksums: { script: checksumOf(files, "topics.sh"), topics: checksum(data) },
    });
    initJob(topicsJob, { namespace, pod }, { ...own, dependsOn: [...after, topics] });
  }

  /** @throws Error if there is no such user */
  user(username: string): KafkaUser {
    const found = this.#users.find((user) => user.username === username);
    if (!found) throw new Error(`Kafka has no user ${username}`);
    return found;
  }
}

const declaredTopics = (inputs: unknown): string => (inputs as { data?: { topics?: string } }).data?.topics ?? "";

const checksumOf = (files: Files, file: string): string => checksum({ [file]: files[file] ?? "" });

/** An identifier as Kafka writes them: 16 bytes in URL-safe base64. */
const kafkaUuid = (uuid: string): string => Buffer.from(uuid.replaceAll("-", ""), "hex").toString("base64url");
