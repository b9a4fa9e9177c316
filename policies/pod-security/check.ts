import type { Container, Pod, SecurityContext } from "./pod.ts";

export type Level = "privileged" | "baseline" | "restricted";

/** A check of the Pod Security Standards, with each version in which Kubernetes changed it. */
export interface Check {
  readonly id: string;
  /** Baseline checks apply at level restricted too, unless a restricted check overrides them. */
  readonly level: "baseline" | "restricted";
  /** Why the rule exists, in one sentence. */
  readonly why: string;
  /** What to write instead. */
  readonly fix: string;
  /** Rules by the version `v1.N` from which they apply, in ascending order. */
  readonly versions: Readonly<Record<string, Rule>>;
  /** Baseline checks that this check replaces where it applies. */
  readonly overrides?: readonly string[];
}

export type Rule = (pod: Pod) => Violation | undefined;

/** `reason (detail)` is exactly the text that `kubectl` shows. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
  /** The fields to change. */
  readonly fields: readonly Field[];
  /** The violating containers; empty if the pod itself violates the rule. */
  readonly containers: readonly Container[];
}

export interface Field {
  readonly path: string;
  /** The current value. */
  readonly value: string;
}

/** Evaluates a rule for Linux pods only, because Windows pods cannot set its fields. */
export function exceptOnWindows(rule: Rule): Rule {
  return (pod) => (pod.os === "windows" ? undefined : rule(pod));
}

/** Evaluates a rule only for pods that share the host's user namespace. */
export function exceptInUserNamespace(rule: Rule): Rule {
  return (pod) => (pod.hostUsers === false ? undefined : rule(pod));
}

export function quoted(items: Iterable<string>): string {
  return Array.from(items, (item) => `"${item}"`).join(", ");
}

export function plural(count: number, singular: string, many = `${singular}s`): string {
  return count === 1 ? singular : many;
}

/** Distinct values, in the order of Kubernetes' messages. */
export function distinct(values: Iterable<string>): readonly string[] {
  return [...new Set(values)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** `container "a"`, `containers "a", "b"`. */
export function named(containers: readonly Container[]): string {
  return `${plural(containers.length, "container")} ${quoted(containers.map(({ name }) => name))}`;
}

/** The pod, the containers, or both, as the subject of a message. */
export function setters(podSets: boolean, containers: readonly Container[]): string {
  return [...(podSets ? ["pod"] : []), ...(containers.length > 0 ? [named(containers)] : [])].join(" and ");
}

/** The security context of the pod or of a container, with its path. */
export interface Place {
  readonly context: SecurityContext;
  readonly path: string;
  readonly container: Container | undefined;
}

/** The pod's own security context, then each container's. */
export function securityContexts(pod: Pod): readonly Place[] {
  const ofPod = { context: pod.securityContext, path: `${pod.path}.securityContext`, container: undefined };
  return [
    ofPod,
    ...pod.containers.map((container) => ({
      context: container.securityContext,
      path: `${container.path}.securityContext`,
      container,
    })),
  ];
}

/** Splits places into the pod's own context and containers. */
export function ownersOf(places: readonly Place[]): {
  readonly pod: boolean;
  readonly containers: readonly Container[];
} {
  return {
    pod: places.some(({ container }) => container === undefined),
    containers: places.flatMap(({ container }) => container ?? []),
  };
}

export function fieldsAt(places: readonly Place[], field: string, value: (place: Place) => string): readonly Field[] {
  return places.map((place) => ({ path: `${place.path}.${field}`, value: value(place) }));
}

export function annotationField({ annotationsPath }: Pod, key: string, value: string): Field {
  return { path: `${annotationsPath}[${JSON.stringify(key)}]`, value: show(value) };
}

export function show(value: string | number | boolean | undefined): string {
  return value === undefined ? "not set" : JSON.stringify(value);
}
