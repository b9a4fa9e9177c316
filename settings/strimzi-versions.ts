/**
 * The versions of Kafka that each version of Strimzi runs, with the metadata version of each. Source: kafka-versions.yaml
 * of Strimzi's releases. The objects of this program have been checked against 1.0.1's definitions; the versions of
 * Strimzi before 1.0.0 serve other API versions by default.
 */
export const kafkaVersionsOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "1.0.0": { "4.1.0": "4.1-IV1", "4.1.1": "4.1-IV1", "4.1.2": "4.1-IV1", "4.2.0": "4.2-IV1" },
  "1.0.1": { "4.1.0": "4.1-IV1", "4.1.1": "4.1-IV1", "4.1.2": "4.1-IV1", "4.2.0": "4.2-IV1" },
  "1.1.0": { "4.2.0": "4.2-IV1", "4.2.1": "4.2-IV1", "4.3.0": "4.3-IV0" },
  "1.2.0": { "4.2.0": "4.2-IV1", "4.2.1": "4.2-IV1", "4.3.0": "4.3-IV0", "4.3.1": "4.3-IV0" },
};

/** The metadata version of a Kafka version; undefined if no known version of Strimzi runs it. */
export const metadataVersionOf = (kafka: string): string | undefined =>
  Object.values(kafkaVersionsOf)
    .map((versions) => versions[kafka])
    .find((version) => version !== undefined);

/** Versions of Strimzi that run a version of Kafka. */
export const strimziVersionsFor = (kafka: string): readonly string[] =>
  Object.entries(kafkaVersionsOf).flatMap(([strimzi, versions]) => (kafka in versions ? [strimzi] : []));
