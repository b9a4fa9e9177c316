import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { RedisSettings, Settings } from "../../settings.ts";
import { checksum, readFiles } from "../config-files.ts";
import { connectionTo, credentialFor } from "../contract/connection.ts";
import type { Connection } from "../contract/connection.ts";
import type { Credential } from "../contract/credential.ts";
import type { RedisStore, SharedVariables } from "../contract/stores.ts";
import { generatedPassword } from "../generated-password.ts";
import { initJob } from "../init-job.ts";
import { commonLabels } from "../names.ts";
import { service } from "../service.ts";
import { statefulSet } from "../stateful-set.ts";
import type { VolumeClaims } from "../volume-claims.ts";
import { RedisBackups } from "./backup/redis-backups.ts";
import type { Destination } from "../object-store/transfer.ts";
import { redis } from "./endpoint.ts";
import { check, declaration, headlessName, host, initName, initPod, name as objectName } from "./pods.ts";
import { nodeAddresses, nodePod, podCount, port, secretName } from "./pods.ts";

/** A change restarts the nodes. */
const nodeFiles = ["common.sh", "node.sh", "start.sh", "alive.sh", "ready.sh", "tend.sh", "stop.sh"] as const;
/** A change runs the Job again. */
const jobFiles = ["common.sh", "cluster.sh", "cluster-init.sh", "plan-cluster.awk"] as const;
/** Read when a node needs them. */
const otherFiles = ["rejoin.sh", "check.sh", "check.awk"] as const;

export interface RedisArgs {
  readonly settings: RedisSettings;
  readonly image: string;
  /** `stateful` is for the nodes, `default` for the Job. */
  readonly pools: Settings["nodePools"];
  readonly volumeClaims: VolumeClaims;
  /** Where backups go, and the image that copies them. @default no backups */
  readonly backups?: Destination;
}

/** A Redis Cluster: one StatefulSet with all masters and replicas, and the Job that forms the cluster. */
export class Redis extends pulumi.ComponentResource implements RedisStore {
  readonly nodes: readonly string[];
  readonly credential: Credential;
  readonly connections: readonly Connection[];
  readonly sharedVariables: SharedVariables;

  constructor(name: string, args: RedisArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:Redis", name, {}, opts);
    const { settings, image, pools, volumeClaims, backups } = args;
    const own = { parent: this };
    const { namespace } = redis;
    const labels = { ...commonLabels, ...redis.pods };
    this.nodes = nodeAddresses(settings);

    const password = generatedPassword(objectName, settings.passwordVersion, own);
    const secret = new k8s.core.v1.Secret(
      secretName,
      {
        metadata: { name: secretName, namespace, labels },
        type: "Opaque",
        stringData: {
          REDIS_PASSWORD: password.value,
          username: "default",
          password: password.value,
          host,
          port: String(port),
          uri: pulumi.interpolate`redis://default:${password.value}@${host}:${port}`,
        },
      },
      own,
    );
    const nodeScripts = readFiles(import.meta.dirname, nodeFiles);
    const jobScripts = { ...readFiles(import.meta.dirname, jobFiles), ...declaration(settings) };
    const scripts = new k8s.core.v1.ConfigMap(
      name,
      {
        metadata: { name: objectName, namespace, labels },
        data: { ...nodeScripts, ...jobScripts, ...readFiles(import.meta.dirname, otherFiles) },
      },
      own,
    );

    service(headlessName, { endpoint: redis, headless: true }, own);
    service(objectName, { endpoint: redis }, own);
    const nodes = statefulSet(
      objectName,
      {
        endpoint: redis,
        serviceName: headlessName,
        replicas: podCount(settings),
        pod: nodePod({ settings, image, pool: pools.stateful, checksums: { files: checksum(nodeScripts) } }),
        volumeClaims,
        volumeSize: settings.storage,
        scaleDownRefusal:
          "the removed pods may hold keys, which would be lost. " +
          "Set redis.masters and redis.replicasPerMaster back, or higher",
        dependsOn: [scripts, secret],
      },
      own,
    );
    initJob(
      initName,
      {
        namespace,
        pod: initPod({
          image,
          pool: pools.default,
          checksums: { files: checksum(jobScripts), password: password.checksum },
        }),
      },
      { ...own, dependsOn: [nodes] },
    );

    if (backups && settings.backup.enabled) {
      new RedisBackups(`${name}-backups`, { ...backups, settings, image, pool: pools.default }, own);
    }

    this.credential = {
      username: "default",
      namespace,
      secretName,
      password: password.value,
      checksum: password.checksum,
    };
    this.connections = [
      connectionTo({
        name: "redis",
        title: "Redis Cluster",
        protocol: "redis-cluster",
        namespace,
        service: objectName,
        port,
        credential: credentialFor(this.credential),
        client: { pod: `service/${objectName}`, container: "redis" },
        check,
        redirectsToNodes: true,
      }),
    ];
    const uses = ["CACHE", "BULLMQ", "WEBSOCKET"];
    const variables = <T>(values: Readonly<Record<string, T>>): Record<string, T> =>
      Object.fromEntries(
        uses.flatMap((use) => Object.entries(values).map(([key, value]) => [`APP_ENV_${use}_REDIS_${key}`, value])),
      );
    this.sharedVariables = {
      plain: variables({ MODE: "cluster", CLUSTER_NODES: this.nodes.join(",") }),
      secret: variables({ PASSWORD: password.value }),
    };
    this.registerOutputs();
  }
}
