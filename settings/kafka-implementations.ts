import type * as z from "zod";
import { kafka as kafkaSchema } from "./kafka.ts";
import type { KafkaSettings } from "./kafka.ts";
import type { OperatorsSettings } from "./operators.ts";
import { kafkaVersionsOf, strimziVersionsFor } from "./strimzi-versions.ts";

interface Given {
  readonly kafka: KafkaSettings;
  readonly operators: Pick<OperatorsSettings, "strimzi">;
}

/** Refuses settings of Strimzi for another implementation, and versions of Kafka that the operator does not run. */
export function kafkaFitsImplementation({ kafka, operators }: Given, context: z.core.$RefinementCtx): void {
  if (kafka.implementation === "strimzi") kafkaFitsOperator(kafka, operators.strimzi.version, context);
  else refuseSettingsOfStrimzi(kafka, context);
}

/** They would mislead: the StatefulSet has no authorization and its image decides on the version. */
function refuseSettingsOfStrimzi({ strimzi, users }: KafkaSettings, context: z.core.$RefinementCtx): void {
  const { strimzi: defaults } = kafkaSchema.parse({});
  const changed = Object.entries(strimzi).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify((defaults as Readonly<Record<string, unknown>>)[key]),
  );
  const restricted = Object.entries(users).filter(([, { access }]) => access !== undefined);
  const paths = [
    ...changed.map(([key]) => ["kafka", "strimzi", key]),
    ...restricted.map(([name]) => ["kafka", "users", name, "access"]),
  ];
  for (const path of paths) {
    context.addIssue({
      code: "custom",
      path,
      message: "has no meaning with kafka.implementation statefulset: only Strimzi has it",
      params: { remove: true },
    });
  }
}

function kafkaFitsOperator({ strimzi }: KafkaSettings, operator: string, context: z.core.$RefinementCtx): void {
  const { version } = strimzi;
  const supported = kafkaVersionsOf[operator];
  if (supported === undefined) {
    context.addIssue({
      code: "custom",
      path: ["operators", "strimzi", "version"],
      message: `is not known to this program, which knows ${Object.keys(kafkaVersionsOf).join(", ")}`,
      params: { suggestion: strimziVersionsFor(version).at(-1) ?? Object.keys(kafkaVersionsOf).at(-1) },
    });
  } else if (!(version in supported)) {
    const fitting = strimziVersionsFor(version);
    const alternative = fitting.length > 0 ? `. Strimzi ${fitting.join(" and ")} would run it` : "";
    context.addIssue({
      code: "custom",
      path: ["kafka", "strimzi", "version"],
      message: `is not run by Strimzi ${operator}, which runs ${Object.keys(supported).join(", ")}${alternative}`,
      params: { suggestion: Object.keys(supported)[0] },
    });
  }
}
