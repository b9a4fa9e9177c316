import {
  annotationField,
  blame,
  distinct,
  exceptOnWindows,
  fieldsAt,
  named,
  plural,
  quoted,
  securityContexts,
  setters,
  show,
  type Check,
  type Rule,
} from "../check.ts";

const podAnnotation = "seccomp.security.alpha.kubernetes.io/pod";
const containerAnnotationPrefix = "container.seccomp.security.alpha.kubernetes.io/";

/** Until v1.18 profiles were set by annotations; those of containers that the pod does not have were not read. */
const onlyConfiningAnnotations: Rule = (pod) => {
  const keys = [podAnnotation, ...pod.containers.map(({ name }) => containerAnnotationPrefix + name)];
  const forbidden = distinct(keys).flatMap((key) => {
    const value = pod.annotations.get(key);
    return value === undefined || isAllowedAnnotation(value) ? [] : [{ key, value }];
  });
  if (forbidden.length === 0) return undefined;
  const shown = distinct(forbidden.map(({ key, value }) => `${key}=${JSON.stringify(value)}`));
  return {
    reason: "seccompProfile",
    detail: `forbidden ${plural(shown.length, "annotation")} ${shown.join(", ")}`,
    fields: forbidden.map(({ key, value }) => annotationField(pod, key, value)),
    containers: [],
  };
};

function isAllowedAnnotation(value: string): boolean {
  return value === "runtime/default" || value === "docker/default" || value.startsWith("localhost/");
}

const onlyConfiningProfiles: Rule = (pod) => {
  const places = securityContexts(pod).filter(({ context: { seccompType: type } }) => {
    return type !== undefined && !isConfining(type);
  });
  if (places.length === 0) return undefined;
  const { pod: podSets, containers } = blame(places);
  const values = distinct(places.map(({ context }) => context.seccompType ?? ""));
  return {
    reason: "seccompProfile",
    detail: `${setters(podSets, containers)} must not set securityContext.seccompProfile.type to ${quoted(values)}`,
    fields: fieldsAt(places, "seccompProfile.type", ({ context }) => show(context.seccompType)),
    containers,
  };
};

const everyContainerIsConfined: Rule = (pod) => {
  const explicit = onlyConfiningProfiles(pod);
  if (explicit !== undefined || pod.securityContext.seccompType !== undefined) return explicit;
  const containers = pod.containers.filter(({ securityContext }) => securityContext.seccompType === undefined);
  if (containers.length === 0) return undefined;
  return {
    reason: "seccompProfile",
    detail: `pod or ${named(containers)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
    fields: containers.map(({ path }) => ({ path: `${path}.securityContext.seccompProfile.type`, value: "not set" })),
    containers,
  };
};

function isConfining(type: string): boolean {
  return type === "RuntimeDefault" || type === "Localhost";
}

export const seccompProfileBaseline: Check = {
  id: "seccompProfile_baseline",
  level: "baseline",
  why: "Without a seccomp filter a container can use every system call of the node's kernel.",
  fix: "remove seccompProfile, or set its type to RuntimeDefault or Localhost",
  versions: { "v1.0": onlyConfiningAnnotations, "v1.19": onlyConfiningProfiles },
};

export const seccompProfileRestricted: Check = {
  id: "seccompProfile_restricted",
  level: "restricted",
  why: "Unless a profile is set, the kubelet runs the container without a seccomp filter.",
  fix: "set securityContext.seccompProfile.type: RuntimeDefault on the pod",
  versions: { "v1.19": everyContainerIsConfined, "v1.25": exceptOnWindows(everyContainerIsConfined) },
  overrides: ["seccompProfile_baseline"],
};
