import type * as z from "zod";
import type { DebeziumSettings } from "./debezium.ts";
import type { KafkaSettings } from "./kafka.ts";
import { parseQuantity } from "./quantity.ts";

/** Data that cannot be compressed grows by a few bytes per block: 5 in 16 kB with gzip, the least efficient codec. */
const batchOverhead = 2 ** 20;

interface Sections {
  readonly kafka: KafkaSettings;
  readonly debezium: DebeziumSettings;
}

/** Otherwise the brokers would refuse the largest events, and the events of all tables would stop. */
export function eventsFitBrokers(
  { kafka: { maxMessageBytes, topics }, debezium: { maxEventSize, topicPrefix } }: Sections,
  context: z.RefinementCtx,
): void {
  const needed = (parseQuantity(maxEventSize) ?? 0) + batchOverhead;
  const suggestion = `${String(Math.ceil(needed / 2 ** 20))}Mi`;
  const reason = `is too small for events of debezium.maxEventSize (${maxEventSize})`;
  if ((parseQuantity(maxMessageBytes) ?? 0) < needed) {
    context.addIssue({
      code: "custom",
      path: ["kafka", "maxMessageBytes"],
      message: `${reason}: the brokers would refuse them, and all tables' events would stop. They need ${suggestion}`,
      params: { suggestion },
    });
  }
  for (const [name, { config }] of Object.entries(topics)) {
    const own = config["max.message.bytes"];
    if (own === undefined || !name.startsWith(`${topicPrefix}.`) || Number(own) >= needed) continue;
    context.addIssue({
      code: "custom",
      path: ["kafka", "topics", name, "config", "max.message.bytes"],
      message: `${reason}, which Debezium writes to this topic`,
      params: { suggestion: String(Math.ceil(needed)) },
    });
  }
}
