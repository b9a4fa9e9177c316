import { objectsOf, type KubernetesObject, type Resource } from "../kubernetes/objects.ts";
import { podTemplateOf } from "../kubernetes/pods.ts";
import { evaluate } from "../pod-security/evaluate.ts";
import type { Level } from "../pod-security/check.ts";
import type { Pod } from "../pod-security/pod.ts";
import { readPod } from "../pod-security/read-pod.ts";
import { parseVersion } from "../pod-security/version.ts";

export type Json = Record<string, unknown>;

export function resource(type: string, props: unknown, name = "it"): Resource {
  return { type, props, name, urn: `urn:pulumi:test::test::${type}::${name}` };
}

export function only(of: Resource): KubernetesObject {
  const [object, ...rest] = objectsOf(of);
  if (object === undefined || rest.length > 0) throw new Error(`${of.type} has ${rest.length + 1} objects`);
  return object;
}

export function podOf(of: Resource): Pod {
  const template = podTemplateOf(only(of));
  if (template === undefined) throw new Error(`${of.type} creates no pods`);
  return readPod(template);
}

/** The pod of a `Pod` resource. */
export function pod(spec: unknown, metadata: unknown = {}): Pod {
  return podOf(resource("kubernetes:core/v1:Pod", { metadata, spec }));
}

/** The failed checks of a pod in the words of Pod Security admission: `reason (detail)`. */
export function verdict(of: Pod, level: Level, version: string): readonly string[] {
  return evaluate(of, level, parseVersion(version)).map(({ reason, detail }) => `${reason} (${detail})`);
}

/** Matches a string that contains `text`. */
export function containing(text: string): unknown {
  return expect.stringContaining(text);
}

export const restrictedContainer = {
  name: "app",
  image: "registry.example/app:1.0",
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
};

/** A pod spec that every level and version admits. */
export const restrictedSpec = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  containers: [restrictedContainer],
};
