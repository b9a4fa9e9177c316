import { printable } from "../kubernetes/printable.ts";
import type { Value } from "../kubernetes/value.ts";
import { hidden, Labels, someValue, type LabelValue } from "./labels.ts";
import { allOf, not, verdict, type Verdict } from "./verdict.ts";

type Operator = "In" | "NotIn" | "Exists" | "DoesNotExist";

interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
  /** Some values are unknown. */
  readonly isOpen: boolean;
}

/** A label selector; one without requirements selects everything. */
export interface Selector {
  readonly requirements: readonly Requirement[];
  /** There may be more requirements. */
  readonly isOpen: boolean;
  /** Equal for selectors with equal requirements. */
  readonly id: string;
}

const operators: readonly string[] = ["In", "NotIn", "Exists", "DoesNotExist"];

export const everything: Selector = selectorOf([]);
/** An unknown selector. */
export const anything: Selector = selectorOf([], { isOpen: true });

/** Reads `matchLabels` and `matchExpressions`. An omitted or null selector selects everything. */
export function readSelector(selector: Value): Selector {
  const [labels, expressions] = [selector.get("matchLabels"), selector.get("matchExpressions")];
  const read = expressions.items().map(readExpression);
  const isOpen = [selector, labels, expressions].some(({ isUnknown }) => isUnknown) || read.includes(undefined);
  return selectorOf([...readEqualities(labels), ...read.flatMap((each) => each ?? [])], { isOpen });
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
    return { key, operator: "In", values: known === undefined ? [] : [known], isOpen: known === undefined };
  });
}

export function selectorOf(
  requirements: readonly Requirement[],
  options: { readonly isOpen?: boolean } = {},
): Selector {
  const { isOpen = false } = options;
  const sorted = requirements
    .map((requirement) => ({ ...requirement, values: requirement.values.toSorted() }))
    .map((requirement) => ({ requirement, text: JSON.stringify(requirement) }))
    .sort((a, b) => (a.text < b.text ? -1 : 1));
  const id = sorted.map(({ text }) => text).join() + (isOpen ? "?" : "");
  return { requirements: sorted.map(({ requirement }) => requirement), isOpen, id };
}

/** Undefined if its key or operator is unknown or invalid. */
function readExpression(expression: Value): Requirement | undefined {
  const operator = expression.get("operator").text() ?? "";
  const key = expression.get("key").text();
  const list = expression.get("values");
  const values = list.items().map((value) => value.text());
  if (key === undefined || !operators.includes(operator)) return undefined;
  const known = values.filter((value) => value !== undefined);
  const isOpen = list.isUnknown || known.length < values.length;
  return { key, operator: operator as Operator, values: known, isOpen };
}

export function selectsAll({ requirements, isOpen }: Selector): boolean {
  return requirements.length === 0 && !isOpen;
}

/** Whether a selector selects these labels, which must all be known. */
export function selects(selector: Selector, labels: ReadonlyMap<string, string>): boolean {
  return decide(selector, Labels.of(labels)) === "yes";
}

/** Matches as Kubernetes does: `NotIn` and `DoesNotExist` match a missing label. */
export function decide({ requirements, isOpen }: Selector, labels: Labels): Verdict {
  const known = allOf(requirements.map((requirement) => satisfies(requirement, labels.valueOf(requirement.key))));
  return isOpen ? allOf([known, "maybe"]) : known;
}

function satisfies(requirement: Requirement, label: LabelValue | undefined): Verdict {
  switch (requirement.operator) {
    case "In":
      return isAmong(requirement, label);
    case "NotIn":
      return not(isAmong(requirement, label));
    case "Exists":
      return label === hidden ? "maybe" : verdict(label !== undefined);
    case "DoesNotExist":
      return label === hidden ? "maybe" : verdict(label === undefined);
  }
}

function isAmong({ values, isOpen }: Requirement, label: LabelValue | undefined): Verdict {
  if (label === undefined) return "no";
  if (label === hidden || label === someValue) return values.length === 0 && !isOpen ? "no" : "maybe";
  return values.includes(label) ? "yes" : isOpen ? "maybe" : "no";
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
    !wider.isOpen &&
    wider.requirements.every((requirement) => !requirement.isOpen && !compatible(narrower, selectorOf([negated(requirement)])))
  );
}

const negations = { In: "NotIn", NotIn: "In", Exists: "DoesNotExist", DoesNotExist: "Exists" } as const;

function negated(requirement: Requirement): Requirement {
  return { ...requirement, operator: negations[requirement.operator] };
}

/** The only value of a label that a selector accepts. */
export function demanded({ requirements }: Selector, key: string): string | undefined {
  const requirement = requirements.find((candidate) => candidate.key === key && demandsOneValue(candidate));
  return requirement?.values[0];
}

export function demandsOneValue({ operator, values, isOpen }: Requirement): boolean {
  return operator === "In" && values.length === 1 && !isOpen;
}

export function showSelector({ requirements }: Selector): string {
  if (requirements.length === 0) return "all pods";
  const shown = requirements.map((requirement) => {
    const { key, operator, values } = requirement;
    if (demandsOneValue(requirement)) return `${key}=${values[0]}`;
    return values.length === 0 ? `${key} ${operator}` : `${key} ${operator} (${values.join(", ")})`;
  });
  return printable(shown.join(", "));
}
