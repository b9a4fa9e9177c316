import type { Value } from "../value.ts";
import { labelValue, qualifiedName } from "./formats.ts";
import { labels } from "./metadata.ts";
import { list, object, oneOf, reject, required, text, type Rule } from "./schema.ts";

function labelValueOf(value: Value): void {
  const known = value.text();
  if (known !== undefined) reject(value, labelValue(known));
}

function valuesFitOperator(expression: Value): void {
  const [operator, values] = [expression.get("operator").text(), expression.get("values")];
  if (operator === undefined || values.isUnknown) return;
  const count = values.items().length;
  if ((operator === "In" || operator === "NotIn") && count === 0) values.reject(`missing, ${operator} requires values`);
  if ((operator === "Exists" || operator === "DoesNotExist") && count > 0)
    values.reject(`must be empty for ${operator}`);
}

export const labelSelector: Rule = object({
  matchLabels: labels,
  matchExpressions: list(
    object(
      {
        key: required(text(qualifiedName)),
        operator: required(oneOf("In", "NotIn", "Exists", "DoesNotExist")),
        values: list(labelValueOf),
      },
      valuesFitOperator,
    ),
  ),
});
