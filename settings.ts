import { explain } from "./settings/explain.ts";
import { settingsSchema } from "./settings/schema.ts";
import type { Settings } from "./settings/schema.ts";

export type { BackupJobSettings } from "./settings/backup-jobs.ts";
export type { DebeziumSettings } from "./settings/debezium.ts";
export type { KafkaSettings } from "./settings/kafka.ts";
export type { KafkaAccess, KafkaStrimziSettings } from "./settings/kafka-strimzi.ts";
export type { NodePool } from "./settings/node-pools.ts";
export { backupStore, objectStorePort, storeInUse } from "./settings/object-store.ts";
export type { ObjectStoreInUse, ObjectStoreSettings } from "./settings/object-store.ts";
export type { OperatorsSettings } from "./settings/operators.ts";
export { poolerConnections } from "./settings/pgbouncer.ts";
export type { PgBouncerSettings } from "./settings/pgbouncer.ts";
export { serverNames } from "./settings/postgresql.ts";
export type { PostgresqlBackupSettings } from "./settings/postgresql-backup.ts";
export type { PostgresqlSettings, ServerName } from "./settings/postgresql.ts";
export type { RedisSettings } from "./settings/redis.ts";
export type { ResourceSettings } from "./settings/resources.ts";
export type { Settings } from "./settings/schema.ts";
export { metadataVersionOf } from "./settings/strimzi-versions.ts";
export type { TypesenseSettings } from "./settings/typesense.ts";

/** The stack's configuration is invalid. The message lists every problem with its fix. */
export class InvalidSettings extends Error {
  override readonly name = "InvalidSettings";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `${String(problems.length)} ${problems.length === 1 ? "setting is" : "settings are"} invalid; nothing was changed.\n` +
        problems.map((problem) => `  - ${problem}`).join("\n"),
    );
    this.problems = problems;
  }
}

/** Pulumi passes every configuration value as text; structured values are JSON. */
function decoded(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * Reads the data layer's settings from a stack's configuration.
 *
 * @param namespace namespace of the keys: the project's name
 * @param config the stack's whole configuration, with the namespace in the keys
 * @throws InvalidSettings with all problems
 */
export function readSettings(namespace: string, config: Readonly<Record<string, string>>): Settings {
  const prefix = `${namespace}:`;
  const given = Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), decoded(value)]),
  );
  const result = settingsSchema.safeParse(given);
  if (!result.success) throw new InvalidSettings(explain(namespace, settingsSchema, given, result.error));
  return result.data;
}
