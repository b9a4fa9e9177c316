import type { Planned } from "./plan.ts";

interface Container {
  readonly name: string;
  readonly resources?: { readonly requests?: object; readonly limits?: object };
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly startupProbe?: object;
  readonly readinessProbe?: object;
  readonly livenessProbe?: object;
  readonly volumeMounts?: readonly { readonly name: string }[];
}

interface Pod {
  readonly spec: {
    readonly automountServiceAccountToken?: boolean;
    readonly enableServiceLinks?: boolean;
    readonly restartPolicy?: string;
    readonly terminationGracePeriodSeconds?: number;
    readonly securityContext?: Readonly<Record<string, unknown>>;
    readonly initContainers?: readonly Container[];
    readonly containers: readonly Container[];
    readonly volumes?: readonly { readonly name: string; readonly emptyDir?: { readonly sizeLimit?: string } }[];
  };
}

/**
 * Pods that the planned resources make, but those that an operator completes, and the operators' own, which come from
 * their manifests: the cluster itself refuses unrestricted ones.
 */
export const podsIn = (resources: readonly Planned[]): { owner: string; pod: Pod }[] =>
  resources.flatMap(({ type, name, component, inputs }) => {
    if (type.startsWith("kubernetes:postgresql.cnpg.io/") || component === "operators") return [];
    const template = (inputs["spec"] as { template?: Pod } | undefined)?.template;
    // Objects of operators have templates of other things too.
    return template && "spec" in template ? [{ owner: name, pod: template }] : [];
  });

/** What a pod lacks of restricted Pod Security and of this project's own rules for pods. */
export function shortcomings({ spec }: Pod): string[] {
  const found: string[] = [];
  const want = (holds: boolean, what: string) => {
    if (!holds) found.push(what);
  };
  const security = spec.securityContext ?? {};
  want(security["runAsNonRoot"] === true, "runAsNonRoot");
  want(typeof security["runAsUser"] === "number" && security["runAsUser"] > 0, "a fixed user that is not root");
  want(security["fsGroupChangePolicy"] === "OnRootMismatch", "fsGroupChangePolicy");
  want((security["seccompProfile"] as { type?: string } | undefined)?.type === "RuntimeDefault", "seccompProfile");
  want(spec.automountServiceAccountToken === false, "no service-account token");
  want(spec.enableServiceLinks === false, "no service links");
  want((spec.terminationGracePeriodSeconds ?? 0) > 0, "a grace period");
  for (const volume of spec.volumes ?? []) {
    want(volume.emptyDir === undefined || volume.emptyDir.sizeLimit !== undefined, `size limit of ${volume.name}`);
  }
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
    const own = container.securityContext ?? {};
    const drops = (own["capabilities"] as { drop?: string[]; add?: string[] } | undefined) ?? {};
    want(own["allowPrivilegeEscalation"] === false, `${container.name}: no privilege escalation`);
    want(own["readOnlyRootFilesystem"] === true, `${container.name}: read-only root file system`);
    want(drops.drop?.includes("ALL") === true && drops.add === undefined, `${container.name}: no capabilities`);
    want(container.resources?.requests !== undefined, `${container.name}: requests`);
    want(container.resources?.limits !== undefined, `${container.name}: limits`);
  }
  // a Job's pod serves nobody
  const serves = spec.restartPolicy === undefined || spec.restartPolicy === "Always";
  for (const { name, startupProbe, readinessProbe, livenessProbe } of spec.containers) {
    want(
      !serves || [startupProbe, readinessProbe, livenessProbe].every((probe) => probe !== undefined),
      `${name}: all probes`,
    );
  }
  return found;
}

/** Paths under which a text of the resources contains `needle`. */
export function occurrences(resources: readonly Planned[], needle: string): string[] {
  const search = (value: unknown, at: string): string[] => {
    if (typeof value === "string") return value.includes(needle) ? [at] : [];
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([key, item]) => search(item, `${at}.${key}`));
  };
  return resources.flatMap((resource) =>
    search(resource.inputs, `${resource.type.split(":").at(-1) ?? ""} ${resource.name}`),
  );
}
