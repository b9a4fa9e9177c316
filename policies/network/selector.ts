import type { Value } from "../kubernetes/value.ts";

type Operator = "In" | "NotIn" | "Exists" | "DoesNotExist";

interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

/** A label selector; one without requirements selects everything. */
export interface Selector {
  readonly requirements: readonly Requirement[];
  /** The same for selectors that say the same. */
  readonly id: string;
}

export type Labels = ReadonlyMap<string, string>;

const operators: readonly string[] = ["In", "NotIn", "Exists", "DoesNotExist"];

/** Reads `matchLabels` and `matchExpressions`; what is left out, or null, selects everything. */
export function readSelector(selector: Value): Selector {
  const equal = [...selector.get("matchLabels").strings()].map(([key, value]): Requirement => {
    return { key, operator: "In", values: [value] };
  });
  const expressions = selector.get("matchExpressions").items().flatMap(readExpression);
  return selectorOf([...equal, ...expressions]);
}

export function selectorOf(requirements: readonly Requirement[]): Selector {
  const sorted = requirements
    .map((requirement) => ({ ...requirement, values: requirement.values.toSorted() }))
    .map((requirement) => ({ requirement, text: JSON.stringify(requirement) }))
    .sort((a, b) => (a.text < b.text ? -1 : 1));
  return { requirements: sorted.map(({ requirement }) => requirement), id: sorted.map(({ text }) => text).join() };
}

function readExpression(expression: Value): readonly Requirement[] {
  const operator = expression.get("operator").text() ?? "";
  const key = expression.get("key").text();
  const values = expression
    .get("values")
    .items()
    .flatMap((value) => value.text() ?? []);
  const needsValues = operator === "In" || operator === "NotIn";
  if (key === undefined || !operators.includes(operator) || needsValues !== values.length > 0) {
    if (!expression.hidesSomething) expression.refuse("no valid requirement");
    return [];
  }
  return [{ key, operator: operator as Operator, values }];
}

export function selectsAll({ requirements }: Selector): boolean {
  return requirements.length === 0;
}

/** As Kubernetes matches: `NotIn` and `DoesNotExist` hold for a label that is not there. */
export function selects({ requirements }: Selector, labels: Labels): boolean {
  return requirements.every((requirement) => admits(requirement, labels.get(requirement.key)));
}

function admits({ operator, values }: Requirement, label: string | undefined): boolean {
  switch (operator) {
    case "In":
      return label !== undefined && values.includes(label);
    case "NotIn":
      return label === undefined || !values.includes(label);
    case "Exists":
      return label !== undefined;
    case "DoesNotExist":
      return label === undefined;
  }
}

/** Whether some pod could be selected by both. */
export function compatible(a: Selector, b: Selector): boolean {
  const all = [...a.requirements, ...b.requirements];
  return [...new Set(all.map(({ key }) => key))].every((key) => {
    const own = all.filter((requirement) => requirement.key === key);
    const mentioned = own.flatMap(({ values }) => values);
    // A value that no requirement mentions stands for all others.
    return [...mentioned, `not ${mentioned.join()}`, undefined].some((label) =>
      own.every((requirement) => admits(requirement, label)),
    );
  });
}

/** Whether every pod that the narrower selector selects is surely selected by the wider one. */
export function implies(narrower: Selector, wider: Selector): boolean {
  return wider.requirements.every((wanted) => {
    const opposite = selectorOf([negated(wanted)]);
    return !compatible(narrower, opposite);
  });
}

const negations = { In: "NotIn", NotIn: "In", Exists: "DoesNotExist", DoesNotExist: "Exists" } as const;

function negated({ key, operator, values }: Requirement): Requirement {
  return { key, operator: negations[operator], values };
}

/** The value that a selector demands of a label, if it is one only. */
export function demanded({ requirements }: Selector, key: string): string | undefined {
  const requirement = requirements.find((candidate) => candidate.key === key && candidate.operator === "In");
  return requirement?.values.length === 1 ? requirement.values[0] : undefined;
}

export function showSelector({ requirements }: Selector): string {
  if (requirements.length === 0) return "all pods";
  return requirements
    .map(({ key, operator, values }) => {
      if (operator === "In" && values.length === 1) return `${key}=${values[0]}`;
      return values.length === 0 ? `${key} ${operator}` : `${key} ${operator} (${values.join(", ")})`;
    })
    .join(", ");
}
