import { printable } from "../kubernetes/printable.ts";
import type { Value } from "../kubernetes/value.ts";
import { unknownLabel, Labels, generatedValue, type LabelValue } from "./labels.ts";
import { allOf, not, verdict, type Verdict } from "./verdict.ts";

type Operator = "In" | "NotIn" | "Exists" | "DoesNotExist";

interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
  /** Some values are unknown. */
  readonly isIncomplete: boolean;
}

/** A label selector; one without requirements selects everything. */
export interface Selector {
  readonly requirements: readonly Requirement[];
  /** There may be more requirements. */
  readonly isIncomplete: boolean;
  /** Equal for selectors with equal requirements. */
  readonly id: string;
}

const operators: readonly string[] = ["In", "NotIn", "Exists", "DoesNotExist"];

export const everything: Selector = selectorOf([]);
/** An unknown selector. */
export const anything: Selector = selectorOf([], { isIncomplete: true });

/** Reads `matchLabels` and `matchExpressions`. An omitted or null selector selects everything. */
export function readSelector(selector: Value): Selector {
  const [labels, expressions] = [selector.get("matchLabels"), selector.get("matchExpressions")];
  const read = expressions.items().map(readExpression);
  const isIncomplete = [selector, labels, expressions].some(({ isUnknown }) => isUnknown) || read.includes(undefined);
  return selectorOf([...readEqualities(labels), ...read.flatMap((each) => each ?? [])], { isIncomplete });
}

/** Reads the selector of a Service, a map of labels. Undefined if empty: it then selects nothing. */
export function readLabelSelector(labels: Value): Selector | undefined {
  const requirements = readEqualities(labels);
  if (labels.isUnknown) return anything;
  return requirements.length === 0 ? undefined : selectorOf(requirements);
}

function readEqualities(labels: Value): readonly Requirement[] {
  return labels.entries().map(([key, value]) => {
    const known = value.text();
    return { key, operator: "In", values: known === undefined ? [] : [known], isIncomplete: known === undefined };
  });
}

export function selectorOf(
  requirements: readonly Requirement[],
  options: { readonly isIncomplete?: boolean } = {},
): Selector {
  const { isIncomplete = false } = options;
  const sorted = requirements
    .map((requirement) => ({ ...requirement, values: requirement.values.toSorted() }))
    .map((requirement) => ({ requirement, text: JSON.stringify(requirement) }))
    .sort((a, b) => (a.text < b.text ? -1 : 1));
  const id = sorted.map(({ text }) => text).join() + (isIncomplete ? "?" : "");
  return { requirements: sorted.map(({ requirement }) => requirement), isIncomplete, id };
}

/** Undefined if its key or operator is unknown or invalid. */
function readExpression(expression: Value): Requirement | undefined {
  const operator = expression.get("operator").text() ?? "";
  const key = expression.get("key").text();
  const list = expression.get("values");
  const values = list.items().map((value) => value.text());
  if (key === undefined || !operators.includes(operator)) return undefined;
  const known = values.filter((value) => value !== undefined);
  const isIncomplete = list.isUnknown || known.length < values.length;
  return { key, operator: operator as Operator, values: known, isIncomplete };
}

export function selectsAll({ requirements, isIncomplete }: Selector): boolean {
  return requirements.length === 0 && !isIncomplete;
}

/** Whether a selector selects these labels, which must all be known. */
export function selects(selector: Selector, labels: ReadonlyMap<string, string>): boolean {
  return decide(selector, Labels.of(labels)) === "yes";
}

/** Matches as Kubernetes does: `NotIn` and `DoesNotExist` match a missing label. */
export function decide({ requirements, isIncomplete }: Selector, labels: Labels): Verdict {
  const known = allOf(requirements.map((requirement) => satisfies(requirement, labels.valueOf(requirement.key))));
  return isIncomplete ? allOf([known, "maybe"]) : known;
}

function satisfies(requirement: Requirement, label: LabelValue | undefined): Verdict {
  switch (requirement.operator) {
    case "In":
      return isAmong(requirement, label);
    case "NotIn":
      return not(isAmong(requirement, label));
    case "Exists":
      return label === unknownLabel ? "maybe" : verdict(label !== undefined);
    case "DoesNotExist":
      return label === unknownLabel ? "maybe" : verdict(label === undefined);
  }
}

function isAmong({ values, isIncomplete }: Requirement, label: LabelValue | undefined): Verdict {
  if (label === undefined) return "no";
  if (label === unknownLabel || label === generatedValue) return values.length === 0 && !isIncomplete ? "no" : "maybe";
  return values.includes(label) ? "yes" : isIncomplete ? "maybe" : "no";
}

/** Whether both could select the same pod. */
export function compatible(a: Selector, b: Selector): boolean {
  const all = [...a.requirements, ...b.requirements];
  return [...new Set(all.map(({ key }) => key))].every((key) => {
    const own = all.filter((requirement) => requirement.key === key);
    const mentioned = own.flatMap(({ values }) => values);
    // A value that no requirement mentions represents all others.
    return [...mentioned, `not ${mentioned.join()}`, undefined].some((label) =>
      own.every((requirement) => satisfies(requirement, label) !== "no"),
    );
  });
}

/** Whether the wider selector certainly selects every pod that the narrower one selects. */
export function implies(narrower: Selector, wider: Selector): boolean {
  return (
    !wider.isIncomplete &&
    wider.requirements.every((required) => {
      return !required.isIncomplete && !compatible(narrower, selectorOf([negated(required)]));
    })
  );
}

const negations = { In: "NotIn", NotIn: "In", Exists: "DoesNotExist", DoesNotExist: "Exists" } as const;

function negated(requirement: Requirement): Requirement {
  return { ...requirement, operator: negations[requirement.operator] };
}

/** The only value of a label that a selector accepts. */
export function requiredValue({ requirements }: Selector, key: string): string | undefined {
  const requirement = requirements.find((candidate) => candidate.key === key && requiresOneValue(candidate));
  return requirement?.values[0];
}

export function requiresOneValue({ operator, values, isIncomplete }: Requirement): boolean {
  return operator === "In" && values.length === 1 && !isIncomplete;
}

export function showSelector({ requirements }: Selector): string {
  if (requirements.length === 0) return "all pods";
  const shown = requirements.map((requirement) => {
    const { key, operator, values } = requirement;
    if (requiresOneValue(requirement)) return `${key}=${values[0]}`;
    return values.length === 0 ? `${key} ${operator}` : `${key} ${operator} (${values.join(", ")})`;
  });
  return printable(shown.join(", "));
}
