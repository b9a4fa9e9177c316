import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { DebeziumSettings, NodePool } from "../../settings.ts";
import { checksum, readFiles } from "../config-files.ts";
import { connectionTo } from "../contract/connection.ts";
import type { Check, Connection } from "../contract/connection.ts";
import type { Credential } from "../contract/credential.ts";
import type { CaptureStore, KafkaStore, PostgresqlStore } from "../contract/stores.ts";
import { initJob } from "../init-job.ts";
import { commonLabels } from "../names.ts";
import { restrictedPod } from "../pod.ts";
import { service } from "../service.ts";
import { ChangeDataCapture } from "./capture/change-data-capture.ts";
import { databaseCheck } from "./capture/pods.ts";
import { debezium } from "./endpoint.ts";
import {
  capturedSchemas,
  check,
  connector,
  connectorConfig,
  databaseSecret,
  host,
  job,
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
  readonly postgresql: PostgresqlStore;
  /** Image with the PostgreSQL clients. */
  readonly postgresqlImage: string;
  readonly kafka: KafkaStore;
  /** A user of this Kafka, with its Secret in `nx-search`. */
  readonly kafkaUser: Credential;
}

/** Debezium: captures changes of the application's tables and writes them to one Kafka topic per table. */
export class Debezium extends pulumi.ComponentResource implements CaptureStore {
  readonly connections: readonly Connection[];
  readonly connectorUrl = `http://${host}:${String(port)}/connectors/${connector}`;

  constructor(name: string, args: DebeziumArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:Debezium", name, {}, opts);
    const { settings, image, pools, kafka, kafkaUser } = args;
    const own = { parent: this };
    const { namespace } = debezium;
    const metadata = { name: objectName, namespace, labels: { ...commonLabels, ...debezium.pods } };

    const { role, prepared } = new ChangeDataCapture(
      `${name}-capture`,
      {
        postgresql: args.postgresql,
        schemas: capturedSchemas(settings),
        captured: settings.capture,
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
        stringData: { username: role.username, password: role.password },
      },
      own,
    );

    const { "connect-distributed.properties": template, ...others } = readFiles(import.meta.dirname, [
      "connect-distributed.properties",
      "log4j.properties",
      "health.sh",
      "ready.sh",
      "alive.sh",
      "check.sh",
      "register.sh",
    ]);
    const workerFiles = {
      ...others,
      "connect-distributed.properties": workerProperties(template, settings, kafka),
    };
    const registered = {
      "connector.json": `${JSON.stringify(connectorConfig(settings, args.postgresql), undefined, 2)}\n`,
    };
    const config = new k8s.core.v1.ConfigMap(name, { metadata, data: { ...workerFiles, ...registered } }, own);

    // The worker's interface is needed most while no change gets through, to register or resume the connector.
    service(objectName, { endpoint: debezium, publishNotReady: true }, own);
    const worker = new k8s.apps.v1.Deployment(
      name,
      {
        metadata,
        spec: {
          replicas: settings.workers,
          selector: { matchLabels: debezium.pods },
          // With RollingUpdate, workers would share the connector while one of them still has the old passwords.
          strategy: { type: "Recreate" },
          progressDeadlineSeconds: 1800,
          template: restrictedPod(
            workerPod({
              settings,
              image,
              pool: pools.stateful,
              kafkaSecret: kafkaUser.secretName,
              checksums: { files: checksum(workerFiles), "cdc-user": role.checksum, "kafka-user": kafkaUser.checksum },
            }),
          ),
        },
      },
      {
        ...own,
        dependsOn: [config, login, kafka.usersReady, prepared],
        customTimeouts: { create: "20m", update: "20m" },
      },
    );
    if (settings.workers > 1) {
      new k8s.policy.v1.PodDisruptionBudget(
        name,
        { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: debezium.pods } } },
        own,
      );
    }
    initJob(
      job,
      {
        namespace,
        pod: registrationPod({
          image,
          pool: pools.default,
          checksums: {
            script: checksum({ script: workerFiles["register.sh"] }),
            connector: checksum(registered),
          },
        }),
      },
      { ...own, dependsOn: [worker] },
    );

    this.connections = [
      connectionTo({
        name: "debezium",
        title: "Debezium",
        protocol: "http",
        namespace,
        service: objectName,
        port,
        check: [
          { pod: `deployment/${objectName}`, container: "debezium", command: check },
          ...checkOfDatabase(args.postgresql),
        ],
      }),
    ];
    this.registerOutputs();
  }
}

/** A check that runs where the database has a client; none if it has no client in a pod. */
function checkOfDatabase({ connections, primary, superuser, database }: PostgresqlStore): Check[] {
  const { client, namespace } = connections.find(({ host }) => host === primary.host) ?? {};
  if (!client || !namespace) return [];
  return [{ namespace, ...client, command: databaseCheck(superuser.username, database) }];
}
