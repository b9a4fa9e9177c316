/** The answer to a question about the cluster: "maybe" where something that is not known, or not read, decides it. */
export type Verdict = "yes" | "no" | "maybe";

export function verdict(holds: boolean): Verdict {
  return holds ? "yes" : "no";
}

export function not(of: Verdict): Verdict {
  return of === "yes" ? "no" : of === "no" ? "yes" : "maybe";
}

/** Yes if all are. */
export function allOf(verdicts: Iterable<Verdict>): Verdict {
  let found: Verdict = "yes";
  for (const each of verdicts) {
    if (each === "no") return "no";
    if (each === "maybe") found = "maybe";
  }
  return found;
}

/** Yes if one is. */
export function anyOf(verdicts: Iterable<Verdict>): Verdict {
  let found: Verdict = "no";
  for (const each of verdicts) {
    if (each === "yes") return "yes";
    if (each === "maybe") found = "maybe";
  }
  return found;
}
