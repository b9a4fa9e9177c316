/** The annotation `pulumi.com/waitFor`: what the program itself says readiness is. */
import { isFields, number, list, text, type Fields, type Value } from "../values.ts";
import { jsonPath } from "./jsonpath.ts";
import { ready, waiting, type Rule, type Verdict } from "./rule.ts";

type Judge = (object: Fields) => Verdict;

/** `Ready`, or `Ready=False`. */
function statusCondition(expression: string): Judge {
  const [type = "", wanted = "True"] = expression.split("=", 2);
  return (object) => {
    const found = list(object, "status", "conditions").find(
      (item) => text(item, "type").toLowerCase() === type.toLowerCase(),
    );
    const waitingFor = `Waiting for condition ${type}=${wanted}`;
    if (found === undefined) return waiting(waitingFor, `there is no condition ${type}`);
    const observed = number(found, "observedGeneration") ?? number(object, "status", "observedGeneration");
    if (observed !== undefined && observed < (number(object, "metadata", "generation") ?? 0)) {
      return waiting(waitingFor, `condition ${type} is of an older generation of the object`);
    }
    const status = text(found, "status");
    if (status.toLowerCase() === wanted.toLowerCase()) return ready(`Condition ${type} is ${status}`);
    const why = [text(found, "reason"), text(found, "message")].filter(Boolean).join(": ");
    return waiting(waitingFor, `condition ${type} is ${status}${why === "" ? "" : ` (${why})`}`);
  };
}

const shown = (value: Value): string => (typeof value === "object" ? JSON.stringify(value) : String(value));

/** `{.status.phase}`, which must select something, or `{.status.phase}=Running`. */
function pathCondition(expression: string): Judge {
  const [, path, wanted] = /^\{\s*(.*?)\s*\}(?:=(.+))?$/s.exec(expression) ?? [];
  if (path === undefined) {
    throw new Error(`"${expression}" must be of the form {.path} or {.path}=value, without shell quotes`);
  }
  const select = jsonPath(path.startsWith("$") ? path : `$${path}`);
  return (object) => {
    const observed = number(object, "status", "observedGeneration");
    if (observed !== undefined && observed < (number(object, "metadata", "generation") ?? 0)) {
      return waiting(`Waiting for ${expression}`, "the status is of an older generation of the object");
    }
    const [found] = select(object);
    if (found === undefined) return waiting(`Waiting for ${expression}`, `${path} selects nothing`);
    if (wanted === undefined) return ready(`Found ${path}`);
    if (isFields(found) || Array.isArray(found)) {
      const reason = `${path} is not a single value: ${shown(found)}`;
      return { ...waiting(`Waiting for ${expression}`, reason), failed: true };
    }
    if (shown(found) === wanted) return ready(`Found ${expression}`);
    return waiting(`Waiting for ${expression} (found ${shown(found)})`, `${path} is ${shown(found)}, not ${wanted}`);
  };
}

function parseExpression(expression: string): Judge {
  if (expression.startsWith("jsonpath=")) return pathCondition(expression.slice("jsonpath=".length));
  if (expression.startsWith("condition=")) return statusCondition(expression.slice("condition=".length));
  throw new Error(`"${expression}" must begin with "jsonpath=" or "condition="`);
}

function expressionsOf(annotation: string): string[] {
  try {
    const parsed = JSON.parse(annotation) as unknown;
    if (Array.isArray(parsed) && parsed.every((item) => typeof item === "string")) return parsed;
  } catch {
    // Not JSON: a single expression.
  }
  return [annotation];
}

/**
 * The rule in the annotation: one expression, or a JSON array of them that must all hold.
 * @throws Error naming the expression that cannot be read.
 */
export function waitForRule(annotation: string): Rule {
  const expressions = expressionsOf(annotation);
  if (expressions.length === 0) throw new Error("pulumi.com/waitFor: at least one condition must be given");
  let judges: Judge[];
  try {
    judges = expressions.map(parseExpression);
  } catch (error) {
    throw new Error(`pulumi.com/waitFor: ${(error as Error).message}`, { cause: error });
  }
  return {
    related: [],
    onRead: false,
    judge({ object }) {
      const verdicts = judges.map((judge) => judge(object));
      const open = verdicts.filter((verdict) => !verdict.ready);
      const [first] = open;
      if (first === undefined) return ready(verdicts.at(-1)?.status ?? "");
      return {
        ready: false,
        failed: open.some((verdict) => verdict.failed === true),
        status: first.status,
        reasons: open.flatMap((verdict) => verdict.reasons ?? []),
      };
    },
  };
}

/** With PULUMI_K8S_AWAIT_ALL=true: whatever conditions an object has must not say that it is not ready. */
export const generallyReady: Rule = {
  related: [],
  onRead: false,
  judge({ object }) {
    const observed = number(object, "status", "observedGeneration");
    if (observed !== undefined && observed < (number(object, "metadata", "generation") ?? 0)) {
      return waiting("Waiting for the controller");
    }
    const open = list(object, "status", "conditions").find(
      (item) => ["Ready", "Available"].includes(text(item, "type")) && text(item, "status") !== "True",
    );
    if (open === undefined) return ready("");
    return waiting(`Waiting for condition ${text(open, "type")}`, text(open, "message"));
  },
};
