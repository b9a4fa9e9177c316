import { explain } from "./settings/explain.ts";
import { settingsSchema } from "./settings/schema.ts";
import type { Settings } from "./settings/schema.ts";

export type { NodePool } from "./settings/cluster.ts";
export type { DebeziumSettings } from "./settings/debezium.ts";
export type { KafkaSettings } from "./settings/kafka.ts";
export type { PgBouncerSettings } from "./settings/pgbouncer.ts";
export { serverNames } from "./settings/postgresql.ts";
export type { PostgresqlSettings, ServerName } from "./settings/postgresql.ts";
export type { RedisSettings } from "./settings/redis.ts";
export type { ResourceSettings } from "./settings/resources.ts";
export type { Settings } from "./settings/schema.ts";
export type { TypesenseSettings } from "./settings/typesense.ts";

/** The stack's configuration does not fit; the message lists everything that is wrong and what mends it. */
export class InvalidSettings extends Error {
  override readonly name = "InvalidSettings";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `${String(problems.length)} ${problems.length === 1 ? "setting is" : "settings are"} wrong; nothing was changed.\n` +
        problems.map((problem) => `  - ${problem}`).join("\n"),
    );
    this.problems = problems;
  }
}

/** Pulumi hands over every configuration value as text; structured ones as JSON. */
function decoded(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * The settings of the data layer from a stack's configuration.
 *
 * @param namespace the part of the keys before the colon: the project's name
 * @param config all of the stack's configuration, keys with their namespace
 * @throws InvalidSettings naming all that is wrong at once
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
