import { parseQuantity } from "../../../settings/quantity.ts";
import type { KafkaSettings, KafkaStrimziSettings, NodePool, ResourceSettings } from "../../../settings.ts";
import { kafkaNodes, pools } from "./endpoints.ts";
import { readOnlyContainer, restrictedContainer, spreadPodTemplate } from "./pod-template.ts";

/** Three: they hold the quorum of two after the loss of one. Strimzi cannot change the number later. */
const controllers = 3;

/** Node ids. Each pool has a range of its own, so that the brokers are 0, 1, 2 and new ones follow. */
const ids = { brokers: "[0-99]", controllers: "[100-199]" };

export interface NodePoolArgs {
  readonly settings: KafkaSettings;
  readonly strimzi: KafkaStrimziSettings;
  readonly storageClass: string;
  readonly pool: NodePool;
}

interface Nodes {
  readonly replicas: number;
  readonly storage: string;
  readonly heap: string;
  readonly resources: ResourceSettings;
}

/** `-Xms` and `-Xmx` of a JVM. */
export const heapOf = (quantity: string) => {
  const size = `${String(Math.floor((parseQuantity(quantity) ?? 0) / 2 ** 20))}m`;
  return { "-Xms": size, "-Xmx": size };
};

function spec(
  role: "broker" | "controller",
  name: string,
  nodes: Nodes,
  { strimzi, storageClass, pool }: NodePoolArgs,
) {
  const pods = { ...kafkaNodes.pods, "strimzi.io/pool-name": name };
  return {
    replicas: nodes.replicas,
    roles: [role],
    storage: {
      type: "jbod",
      volumes: [
        {
          id: 0,
          type: "persistent-claim",
          size: nodes.storage,
          class: storageClass,
          kraftMetadata: "shared",
          // The claims stay when the pool or a node is removed.
          deleteClaim: false,
        },
      ],
    },
    resources: nodes.resources,
    jvmOptions: heapOf(nodes.heap),
    template: {
      pod: spreadPodTemplate(pool, pods, strimzi.rackTopologyKey),
      kafkaContainer: readOnlyContainer,
      initContainer: restrictedContainer,
    },
  };
}

/**
 * The brokers, and the controllers on nodes of their own. Kafka's documentation advises against combined nodes in
 * critical environments; a combined node that is added or removed changes the voters, which restarts every node.
 */
export const nodePools = (args: NodePoolArgs) => {
  const { settings, strimzi } = args;
  const { brokers: replicas, storage, heap, resources } = settings;
  return [
    {
      name: pools.controllers,
      annotations: { "strimzi.io/next-node-ids": ids.controllers },
      spec: spec("controller", pools.controllers, { replicas: controllers, ...strimzi.controllers }, args),
    },
    {
      name: pools.brokers,
      annotations: { "strimzi.io/next-node-ids": ids.brokers },
      spec: spec("broker", pools.brokers, { replicas, storage, heap, resources }, args),
    },
  ];
};
