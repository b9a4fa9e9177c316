import type * as z from "zod";
import type { KafkaSettings } from "./kafka.ts";
import { strimziOf } from "./kafka.ts";
import { kafkaVersionsOf, strimziVersionsFor } from "./strimzi-versions.ts";

interface Given {
  readonly kafka: KafkaSettings;
  readonly operators: { readonly strimzi: { readonly version: string } };
}

/** Refuses settings of Strimzi for another implementation, and versions of Kafka that the operator does not run. */
export function kafkaFitsImplementation({ kafka, operators }: Given, context: z.core.$RefinementCtx): void {
  if (kafka.implementation === "statefulset") {
    const unused = [
      ...(kafka.strimzi === undefined ? [] : ["kafka.strimzi"]),
      ...Object.entries(kafka.users).flatMap(([name, { access }]) =>
        access === undefined ? [] : [`kafka.users["${name}"].access`],
      ),
    ];
    if (unused.length === 0) return;
    context.addIssue({
      code: "custom",
      path: ["kafka", "implementation"],
      message: `has no use for ${unused.join(" and ")}, which the stack sets: remove it, or let Strimzi run Kafka`,
      params: { suggestion: "strimzi" },
    });
    return;
  }
  const { version } = strimziOf(kafka);
  const operator = operators.strimzi.version;
  const supported = Object.keys(kafkaVersionsOf[operator] ?? {});
  if (supported.includes(version)) return;
  const fitting = strimziVersionsFor(version);
  context.addIssue({
    code: "custom",
    path: ["kafka", "strimzi", "version"],
    message:
      supported.length === 0
        ? `cannot be checked: Strimzi ${operator} (operators.strimzi.version) is not known to this program. Known are ${Object.keys(kafkaVersionsOf).join(", ")}`
        : `is not run by Strimzi ${operator} (operators.strimzi.version), which runs ${supported.join(", ")}` +
          (fitting.length > 0 ? `; Strimzi ${fitting.join(", ")} would run it` : ""),
    params: { suggestion: supported[0] ?? version },
  });
}
