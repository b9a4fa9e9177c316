import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { DebeziumSettings, NodePool } from "../../settings.ts";
import { checksum, readFiles } from "../config-files.ts";
import type { Files } from "../config-files.ts";
import { initJob } from "../init-job.ts";
import type { Kafka } from "../kafka/kafka.ts";
import { commonLabels } from "../names.ts";
import { restrictedPod } from "../pod.ts";
import { ChangeDataCapture } from "../postgresql/cdc/change-data-capture.ts";
import type { Postgresql } from "../postgresql/postgresql.ts";
import { service } from "../service.ts";
import { storeBehind } from "../store.ts";
import type { Store } from "../store.ts";
import { debezium } from "./endpoint.ts";
import {
  capturedSchemas,
  connectorConfig,
  databaseSecret,
  job,
  kafkaUser,
  name as objectName,
  port,
  registrationPod,
  workerPod,
  workerProperties,
} from "./pods.ts";

export interface DebeziumArgs {
  readonly settings: DebeziumSettings;
  readonly image: string;
  readonly pools: { readonly stateful: NodePool; readonly default: NodePool };
  readonly postgresql: Postgresql;
  /** Image with the PostgreSQL clients. */
  readonly postgresqlImage: string;
  /** Must have the user `nx.debezium`, with its Secret in `nx-search`. */
  readonly kafka: Kafka;
}

/** Debezium: captures changes of the application's tables and writes them to one Kafka topic per table. */
export class Debezium extends pulumi.ComponentResource {
  readonly store: Store;

  constructor(name: string, args: DebeziumArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:Debezium", name, {}, opts);
    const { settings, image, pools, kafka } = args;
    const own = { parent: this };
    const { namespace } = debezium;
    const metadata = { name: objectName, namespace, labels: { ...commonLabels, ...debezium.pods } };

    const { role, prepared } = new ChangeDataCapture(
      `${name}-capture`,
      {
        postgresql: args.postgresql,
        schemas: capturedSchemas(settings),
        passwordVersion: settings.passwordVersion.cdc_user,
        image: args.postgresqlImage,
        pool: pools.default,
      },
      own,
    );
    const login = new k8s.core.v1.Secret(
      databaseSecret,
      {
        metadata: { ...metadata, name: databaseSecret },
        type: "Opaque",
        stringData: { username: role.role, password: role.password },
      },
      own,
    );
    const user = kafka.user(kafkaUser);

    const { "connect-distributed.properties": template = "", ...others } = readFiles(import.meta.dirname, [
      "connect-distributed.properties",
      "log4j.properties",
      "ready.sh",
      "alive.sh",
      "register.sh",
    ]);
    const workerFiles: Files = {
      ...others,
      "connect-distributed.properties": workerProperties(template, kafka.bootstrapServers),
    };
    const registered = { "connector.json": `${JSON.stringify(connectorConfig(settings), undefined, 2)}\n` };
    const config = new k8s.core.v1.ConfigMap(name, { metadata, data: { ...workerFiles, ...registered } }, own);

    service(objectName, { endpoint: debezium }, own);
    const worker = new k8s.apps.v1.Deployment(
      name,
      {
        metadata,
        spec: {
          replicas: 1,
          selector: { matchLabels: debezium.pods },
          // With RollingUpdate, two workers would share the connector while one of them still has the old passwords.
          strategy: { type: "Recreate" },
          progressDeadlineSeconds: 1800,
          template: restrictedPod(
            workerPod({
              settings,
              image,
              pool: pools.stateful,
              kafkaSecret: user.secretName,
              checksums: { files: checksum(workerFiles), "cdc-user": role.checksum, "kafka-user": user.checksum },
            }),
          ),
        },
      },
      {
        ...own,
        dependsOn: [config, login, user, kafka.usersReady, prepared],
        customTimeouts: { create: "20m", update: "20m" },
      },
    );
    initJob(
      job,
      {
        namespace,
        pod: registrationPod({
          image,
          pool: pools.default,
          checksums: {
            script: checksum({ script: workerFiles["register.sh"] ?? "" }),
            connector: checksum(registered),
          },
        }),
      },
      { ...own, dependsOn: [worker] },
    );

    this.store = storeBehind({ title: "Debezium", service: objectName, namespace, port, secretName: databaseSecret });
    this.registerOutputs();
  }
}
