import * as z from "zod";

const fieldNames = ["second", "minute", "hour", "day of month", "month", "day of week"] as const;

/** Lowest and highest number of each field. */
const ranges = [
  [0, 59],
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
] as const;

const field = /^(\*|\?|\d+(-\d+)?)(\/[1-9]\d*)?(,(\d+(-\d+)?)(\/[1-9]\d*)?)*$/;

/** `six` fields are those of CloudNativePG, `five` those of Kubernetes, which have no second. */
type Form = "five" | "six";

/** Why a text is no schedule; undefined if it is one. */
function problemOf(value: string, form: Form): { readonly message: string; readonly suggestion?: string } | undefined {
  const first = form === "six" ? 0 : 1;
  const fields = value.trim().split(/\s+/);
  if (form === "six" && fields.length === 5 && fields.every((each) => field.test(each))) {
    return {
      message: "has five fields; a schedule has six, the first is the second",
      suggestion: `0 ${fields.join(" ")}`,
    };
  }
  const fits = fields.every((each, index) => {
    const [min, max] = ranges[first + index] ?? [0, -1];
    const numbers = each.replaceAll(/\/\d+/g, "").match(/\d+/g) ?? [];
    return field.test(each) && numbers.every((text) => Number(text) >= min && Number(text) <= max);
  });
  if (fields.length === ranges.length - first && fits) return undefined;
  return { message: `is not a schedule of ${form} fields: ${fieldNames.slice(first).join(", ")} (0 is Sunday)` };
}

/** When something happens again and again, in the form of cron. */
export const schedule = (form: Form) =>
  z.string().superRefine((value, context) => {
    const problem = problemOf(value, form);
    if (problem !== undefined) {
      context.addIssue({ code: "custom", message: problem.message, params: { suggestion: problem.suggestion } });
    }
  });
