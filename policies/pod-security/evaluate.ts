import type { Check, Level, Rule, Violation } from "./check.ts";
import { checks } from "./checks/index.ts";
import type { Pod } from "./pod.ts";
import { parseVersion, type Minor } from "./version.ts";

/** A check that applies at a level and version, with its rule there. */
export interface ActiveCheck {
  readonly check: Check;
  readonly rule: Rule;
}

const activeByPolicy = new Map<string, readonly ActiveCheck[]>();

/** The checks of Kubernetes at a level and policy version, in the order of its messages. */
export function activeChecks(level: Level, version: Minor): readonly ActiveCheck[] {
  const policy = `${level}:${version}`;
  const known = activeByPolicy.get(policy);
  if (known !== undefined) return known;
  const active = select(level, version);
  activeByPolicy.set(policy, active);
  return active;
}

/** All violations of a level and version. Their texts joined by ", " are Kubernetes' message for the pod. */
export function evaluate(pod: Pod, level: Level, version: Minor): readonly (Violation & { readonly check: Check })[] {
  return activeChecks(level, version).flatMap(({ check, rule }) => {
    const violation = rule(pod);
    return violation === undefined ? [] : [{ ...violation, check }];
  });
}

function select(level: Level, version: Minor): readonly ActiveCheck[] {
  if (level === "privileged") return [];
  const active = checks
    .filter((check) => level === "restricted" || check.level === "baseline")
    .flatMap((check) => {
      const rule = ruleAt(check, version);
      return rule === undefined ? [] : [{ check, rule }];
    });
  const overridden = new Set(active.flatMap(({ check }) => check.overrides ?? []));
  return active.filter(({ check }) => !overridden.has(check.id));
}

function ruleAt(check: Check, version: Minor): Rule | undefined {
  return Object.entries(check.versions).findLast(([since]) => parseVersion(since) <= version)?.[1];
}
