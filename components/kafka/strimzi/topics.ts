import { createHash } from "node:crypto";
import type { KafkaSettings } from "../../../settings.ts";

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Name of a topic's `KafkaTopic`: the topic's own where Kubernetes allows it, else one that is as unique. */
export function objectNameOf(topic: string): string {
  if (subdomain.test(topic)) return topic;
  const digest = createHash("sha256").update(topic).digest("hex").slice(0, 10);
  const readable = topic
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return [readable, digest].filter((part) => part !== "").join("-");
}

/** `spec` of a `KafkaTopic`. */
export const kafkaTopic = (
  topic: string,
  { partitions, replicationFactor, config }: KafkaSettings["topics"][string],
) => ({
  ...(objectNameOf(topic) !== topic && { topicName: topic }),
  partitions,
  replicas: replicationFactor,
  ...(Object.keys(config).length > 0 && { config }),
});

/** Inputs of a `KafkaTopic`. */
export interface Topic {
  readonly spec?: { readonly topicName?: string; readonly partitions?: number };
  readonly metadata?: { readonly name?: string };
}

/** @throws Error if a topic would get fewer partitions, which Kafka cannot do */
export function refuseFewerPartitions(before: Topic, after: Topic): void {
  const [now = 0, wanted = 0] = [before.spec?.partitions, after.spec?.partitions];
  if (wanted >= now) return;
  const topic = after.spec?.topicName ?? after.metadata?.name ?? "";
  throw new Error(
    `topic ${topic} has ${String(now)} partitions and cannot be reduced to ${String(wanted)}: ` +
      "keys would move to other partitions. " +
      `Run \`pulumi config set --path 'bana-data-layer:kafka.topics["${topic}"].partitions' ${String(now)}\`, ` +
      "or declare a topic with another name",
  );
}
