import { Notes, Value } from "../kubernetes/value.ts";
import type { Exemption, SharedExemptions, Subject } from "./exemptions.ts";

/** `policies.bana/exempt-<control>: until 2027-01-31 because it reads the node's metrics`, on the object itself. */
const prefix = "policies.bana/exempt-";
const form = /^until (\d{4}-\d{2}-\d{2}) because (?=\S)(.+)$/s;

/** The required form, for messages. */
export const annotationForm = '"until YYYY-MM-DD because REASON"';

export interface ExemptionAnnotation {
  /** The policy or control to exempt from. */
  readonly control: string;
  readonly path: string;
  readonly statement: Statement;
}

/** The content of an annotation at a point in time. It is valid until the end of its day in UTC. */
export type Statement =
  | { readonly state: "valid" | "expired"; readonly until: string; readonly reason: string }
  | { readonly state: "malformed" | "unknown" };

/** The exemption annotations of an object. */
export function annotationsOf({ value }: Pick<Subject, "value">): readonly ExemptionAnnotation[] {
  return annotations(value)
    .entries()
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, text]) => read(key.slice(prefix.length), text));
}

/** The exemption annotations of an object for these controls. */
export function annotationsFor(
  { value }: Pick<Subject, "value">,
  controls: readonly string[],
): readonly ExemptionAnnotation[] {
  const all = annotations(value);
  return controls.flatMap((control) => {
    const text = all.get(prefix + control);
    return text.isSet ? [read(control, text)] : [];
  });
}

export function readStatement(text: string, now: number): Statement {
  const [, until, reason] = form.exec(text) ?? [];
  const day = until === undefined ? undefined : startOfDay(until);
  if (until === undefined || reason === undefined || day === undefined) return { state: "malformed" };
  return { state: now < day + 86_400_000 ? "valid" : "expired", until, reason };
}

/** The exemption that an annotation of the subject grants for these controls. */
export function annotatedExemption(
  subject: Subject,
  controls: readonly string[],
  shared: SharedExemptions,
): Exemption | undefined {
  if (!shared.mayBeAnnotated(controls)) return undefined;
  const [found] = annotationsFor(subject, controls).flatMap(({ statement }) =>
    statement.state === "valid" ? [statement] : [],
  );
  return found && { reason: `${found.reason}; until ${found.until}, by annotation` };
}

export interface Remark {
  readonly text: string;
  /** The annotation is unknown and may exempt the finding. */
  readonly isUndetermined: boolean;
}

/** Why an annotation of a finding's subject does not exempt it. */
export function remarkOn(subject: Subject, controls: readonly string[], shared: SharedExemptions): Remark | undefined {
  const [annotation] = annotationsFor(subject, controls);
  if (annotation === undefined) return undefined;
  const { path, statement } = annotation;
  if (!shared.mayBeAnnotated(controls)) {
    const which = controls.map((control) => `"${control}"`).join(" or ");
    const text = `${path} has no effect: "annotations" of the policy "exemptions" does not list ${which}.`;
    return { text, isUndetermined: false };
  }
  switch (statement.state) {
    case "unknown":
      return { text: `${path} is unknown before the update and may exempt this.`, isUndetermined: true };
    case "malformed":
      return { text: `${path} does not exempt this: its value must be ${annotationForm}.`, isUndetermined: false };
    case "expired": {
      const text = `The exemption expired: ${path} ended on ${statement.until} (${statement.reason}).`;
      return { text, isUndetermined: false };
    }
    case "valid":
      return undefined;
  }
}

/** Uses separate notes: unknown annotations matter to findings only. */
function annotations(value: Value | undefined): Value {
  return (value ?? Value.root(undefined, new Notes())).withNotes(new Notes()).get("metadata", "annotations");
}

function read(control: string, text: Value): ExemptionAnnotation {
  const statement: Statement = text.isUnknown ? { state: "unknown" } : readStatement(text.text() ?? "", Date.now());
  return { control, path: text.path, statement };
}

/** The start of a day in UTC; undefined if the date does not exist. */
function startOfDay(date: string): number | undefined {
  const start = new Date(`${date}T00:00:00Z`);
  const exists = !Number.isNaN(start.getTime()) && start.toISOString().startsWith(date);
  return exists ? start.getTime() : undefined;
}
