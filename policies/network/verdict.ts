/** The result of a check: "maybe" if it depends on something unknown or unread. */
export type Verdict = "yes" | "no" | "maybe";

export function verdict(holds: boolean): Verdict {
  return holds ? "yes" : "no";
}

export function not(of: Verdict): Verdict {
  return of === "yes" ? "no" : of === "no" ? "yes" : "maybe";
}

/** "yes" if all are. */
export function allOf(verdicts: Iterable<Verdict>): Verdict {
  let found: Verdict = "yes";
  for (const each of verdicts) {
    if (each === "no") return "no";
    if (each === "maybe") found = "maybe";
  }
  return found;
}

/** "yes" if any is. */
export function anyOf(verdicts: Iterable<Verdict>): Verdict {
  let found: Verdict = "no";
  for (const each of verdicts) {
    if (each === "yes") return "yes";
    if (each === "maybe") found = "maybe";
  }
  return found;
}
