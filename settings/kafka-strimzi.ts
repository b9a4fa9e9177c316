import * as z from "zod";
import { byteSize, labelKey, quantity } from "./fields.ts";
import { heapFitsMemoryLimit, resources } from "./resources.ts";
import { metadataVersionOf } from "./strimzi-versions.ts";

const prefixes = (what: string) =>
  z
    .array(
      z
        .string()
        .regex(
          /^(\*|[A-Za-z0-9._-]{1,200})$/,
          "is neither a prefix of names (letters, digits, `.`, `_` and `-`) nor `*`",
        )
        .describe("A prefix of names, or `*` for all"),
    )
    .describe(`Prefixes of the names of ${what}`);

/** What a user may do. Names that start with one of the prefixes. */
export const kafkaAccess = z.strictObject({
  topics: prefixes("topics that the user may create, write and read").default(["nx."]),
  groups: prefixes("consumer groups that the user may join, and of transactional ids").default(["nx."]),
});

export type KafkaAccess = z.output<typeof kafkaAccess>;

const controllers = z
  .strictObject({
    storage: quantity().describe("Size of each volume; can be increased, cannot be decreased").default("5Gi"),
    heap: byteSize("128Mi", "64Gi")
      .describe("JVM heap of each controller; at most three quarters of its memory limit")
      .default("512Mi"),
    resources: resources("each controller", { cpu: "100m", memory: "768Mi" }, { cpu: "1", memory: "1Gi" }),
  })
  .superRefine(heapFitsMemoryLimit(128));

/** Major and minor number of a Kafka or metadata version. */
const line = (version: string): number => {
  const [, major = "0", minor = "0"] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(major) * 1000 + Number(minor);
};

export const kafkaStrimzi = z
  .strictObject({
    version: z
      .string()
      .regex(/^\d+\.\d+\.\d+$/, "is not a version, such as 4.1.1")
      .describe("Kafka's version; the operator's version must run it. A change restarts the nodes one by one")
      .default("4.1.1"),
    metadataVersion: z
      .string()
      .regex(/^\d+\.\d+(-IV\d+)?$/, "is not a metadata version, such as 4.1-IV1")
      .meta({ placeholder: "4.1-IV1" })
      .optional()
      .describe(
        "`metadata.version`. That of `version` if omitted; cannot be decreased. Set the present one before an upgrade of Kafka, to be able to go back to the present version until you remove it",
      ),
    rackTopologyKey: labelKey()
      .describe(
        "Label of nodes that names their zone: replicas of a partition are in different ones. All nodes need it",
      )
      .default("topology.kubernetes.io/zone"),
    access: kafkaAccess
      .describe(
        "What `nx.STACK` may do, in addition to all with the topics of `kafka.topics` and reading Debezium's. Users of `kafka.users` without an `access` of their own may do the same",
      )
      .prefault({}),
    controllers: controllers.describe("The three KRaft controllers, which are not brokers").prefault({}),
    topicOperator: resources("the topic operator", { cpu: "50m", memory: "384Mi" }, { cpu: "500m", memory: "512Mi" }),
    userOperator: resources("the user operator", { cpu: "50m", memory: "384Mi" }, { cpu: "500m", memory: "512Mi" }),
    cruiseControl: resources("Cruise Control", { cpu: "100m", memory: "768Mi" }, { cpu: "1", memory: "1Gi" }),
  })
  .superRefine(({ version, metadataVersion }, context) => {
    const own = metadataVersionOf(version);
    if (metadataVersion === undefined || own === undefined || line(metadataVersion) <= line(own)) return;
    context.addIssue({
      code: "custom",
      path: ["metadataVersion"],
      message: `is newer than Kafka ${version} supports`,
      params: { suggestion: own },
    });
  });

export type KafkaStrimziSettings = z.output<typeof kafkaStrimzi>;
