import type { KafkaAccess } from "../../../settings.ts";
import { operatorSecretPrefix } from "./kafka-cluster.ts";

/** Secret with the users' passwords by name, next to the `KafkaUser` objects, which cannot read those of clients. */
export const passwords = "nx-kafka-passwords";

/** A rule of a user's authorization. */
export interface Acl {
  readonly resource: {
    readonly type: "topic" | "group" | "transactionalId";
    readonly name: string;
    readonly patternType: "literal" | "prefix";
  };
  readonly operations: readonly string[];
}

/** Allows operations on all names with a prefix; on all names for `*`. */
const onPrefix = (type: Acl["resource"]["type"], prefix: string, ...operations: readonly string[]): Acl => ({
  resource: { type, name: prefix, patternType: prefix === "*" ? "literal" : "prefix" },
  operations,
});

const on = (type: Acl["resource"]["type"], name: string, ...operations: readonly string[]): Acl => ({
  resource: { type, name, patternType: "literal" },
  operations,
});

export interface ApplicationAclArgs {
  readonly access: KafkaAccess;
  /** Names of the declared topics. */
  readonly topics: readonly string[];
  /** Prefix of the topics of captured changes. */
  readonly captured: string;
}

/** A backend service's: topics and groups with its prefixes, the declared topics, and reading captured changes. */
export const applicationAcls = ({ access, topics, captured }: ApplicationAclArgs): readonly Acl[] => [
  ...access.topics.map((prefix) => onPrefix("topic", prefix, "Create", "Describe", "DescribeConfigs", "Read", "Write")),
  ...[...topics].sort().map((topic) => on("topic", topic, "Describe", "DescribeConfigs", "Read", "Write")),
  onPrefix("topic", `${captured}.`, "Describe", "DescribeConfigs", "Read"),
  ...access.groups.map((prefix) => onPrefix("group", prefix, "Describe", "Read")),
  ...access.groups.map((prefix) => onPrefix("transactionalId", prefix, "Describe", "Write")),
];

/** Debezium's: the topics of captured changes and of its heartbeats, and those and the group of Kafka Connect. */
export const captureAcls = (captured: string, worker: string): readonly Acl[] => [
  onPrefix("topic", `${captured}.`, "Create", "Describe", "DescribeConfigs", "Write"),
  on("topic", `__debezium-heartbeat.${captured}`, "Create", "Describe", "DescribeConfigs", "Write"),
  ...["configs", "offsets", "status"].map((name) =>
    on("topic", `${worker}-${name}`, "Create", "Describe", "DescribeConfigs", "Read", "Write"),
  ),
  on("group", worker, "Describe", "Read"),
];

/**
 * `spec` of a `KafkaUser`.
 *
 * @param checksum digest of the password: the user operator does not watch the Secret, and reads it again when this changes
 */
export const kafkaUser = <Text>(username: string, acls: readonly Acl[], checksum: Text) => ({
  authentication: {
    type: "scram-sha-512",
    password: { valueFrom: { secretKeyRef: { name: passwords, key: username } } },
  },
  authorization: { type: "simple", acls: acls.map((acl) => ({ ...acl, type: "allow" })) },
  // In the operator's own copy of the password, and so in the spec: `observedGeneration` tells when it is in force.
  template: { secret: { metadata: { annotations: { "checksum/password": checksum } } } },
});

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** @throws Error if the name cannot be that of a `KafkaUser`, which is the user's own */
export function checkUserName(username: string): void {
  if (subdomain.test(username) && operatorSecretPrefix.length + username.length <= 253) return;
  throw new Error(
    `${username} cannot be a user of Kafka on Strimzi, where it is the name of a Kubernetes object: ` +
      "use a stack whose name has only lower case letters, digits, `-` and `.`",
  );
}
