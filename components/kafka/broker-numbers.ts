import { parseQuantity } from "../../settings/quantity.ts";
import type { KafkaSettings } from "../../settings.ts";

/** `min.insync.replicas` (specification, "Key Configuration"). */
export const minInSyncReplicas = 2;

/** Kafka's default for `socket.request.max.bytes`. */
const defaultMaxRequest = 100 * 2 ** 20;
/** Names of the topic and the client, and fixed fields, around a message in a produce request. */
const requestOverhead = 2 ** 16;

const bytes = (quantity: string): number => Math.floor(parseQuantity(quantity) ?? 0);

/** The brokers' configuration that the settings determine, in Kafka's units. */
export const brokerNumbers = (settings: KafkaSettings) => ({
  minInSyncReplicas,
  partitions: settings.partitions,
  retentionHours: settings.retentionHours,
  retentionBytes: bytes(settings.retentionBytes),
  segmentBytes: bytes(settings.segmentBytes),
  maxMessageBytes: bytes(settings.maxMessageBytes),
  maxRequestBytes: Math.max(defaultMaxRequest, bytes(settings.maxMessageBytes) + requestOverhead),
});
