import type { EnforcementLevel, Policies, PolicyConfigSchema, PolicyPackConfig } from "@pulumi/policy";
import { SharedExemptions, exemptionsPolicy, type SharedSettings } from "./crossguard/exemptions.ts";
import type { Settings } from "./crossguard/settings.ts";
import { network } from "./network/policy.ts";
import type { NetworkSettings } from "./network/rule.ts";
import { podSecurityNamespace, type PodSecurityNamespaceSettings } from "./pod-security/namespace-policy.ts";
import { podSecurity, type PodSecuritySettings } from "./pod-security/policy.ts";
import { allowedRegistries, type AllowedRegistriesSettings } from "./workloads/allowed-registries.ts";
import { helmRelease } from "./workloads/helm-release.ts";
import { imageTag } from "./workloads/image-tag.ts";
import { plainSecrets, type PlainSecretsSettings } from "./workloads/plain-secrets.ts";
import { podDisruptionBudget } from "./workloads/pod-disruption-budget.ts";
import { probes, type ProbesSettings } from "./workloads/probes.ts";
import { readOnlyRootFilesystem } from "./workloads/read-only-root-filesystem.ts";
import { requestsAndLimits, type RequestsAndLimitsSettings } from "./workloads/requests-and-limits.ts";
import { serviceAccountToken } from "./workloads/service-account-token.ts";
import { userNamespace, type UserNamespaceSettings } from "./workloads/user-namespace.ts";

/** A policy's enforcement level, alone or with its settings. */
export type Configured<T> = EnforcementLevel | ({ readonly enforcementLevel?: EnforcementLevel } & T);

/** The configuration of the pack, in the form of the file for `--policy-pack-config`. */
export interface KubernetesPoliciesArgs {
  /** The level of every policy without its own level. @default "advisory" */
  readonly all?: EnforcementLevel;
  readonly exemptions?: Configured<SharedSettings>;
  readonly "pod-security"?: Configured<PodSecuritySettings>;
  readonly "pod-security-namespace"?: Configured<PodSecurityNamespaceSettings>;
  readonly network?: Configured<NetworkSettings>;
  readonly "read-only-root-filesystem"?: Configured<Settings>;
  readonly "service-account-token"?: Configured<Settings>;
  readonly "requests-and-limits"?: Configured<RequestsAndLimitsSettings>;
  readonly "image-tag"?: Configured<Settings>;
  readonly "allowed-registries"?: Configured<AllowedRegistriesSettings>;
  readonly probes?: Configured<ProbesSettings>;
  readonly "plain-secrets"?: Configured<PlainSecretsSettings>;
  readonly "user-namespace"?: Configured<UserNamespaceSettings>;
  readonly "pod-disruption-budget"?: Configured<Settings>;
  readonly "helm-release"?: Configured<Settings>;
}

/**
 * The policies, for use in your own pack:
 *
 * ```ts
 * const kubernetes = new KubernetesPolicies({ all: "mandatory", "pod-security": { level: "baseline" } });
 * new PolicyPack("acme", { policies: [...kubernetes.policies, ...ours] }, kubernetes.config);
 * ```
 */
export class KubernetesPolicies {
  readonly policies: Policies;
  /** The initial configuration of the pack; the user's configuration overrides it. */
  readonly config: PolicyPackConfig;

  constructor(args: KubernetesPoliciesArgs = {}) {
    const shared = new SharedExemptions();
    const policies = makers.map((make) => make(shared));
    this.policies = [exemptionsPolicy(shared, controlsOf(policies)), ...policies];
    this.config = configOf(args);
  }
}

/** The names of policies and of their controls. */
function controlsOf(policies: Policies): ReadonlySet<string> {
  const names = policies.map(({ name }) => name);
  const controls = policies.flatMap(({ configSchema }) => {
    return Object.keys((configSchema?.properties.controls as PolicyConfigSchema | undefined)?.properties ?? {});
  });
  return new Set([...names, ...controls]);
}

/** Sets every level explicitly: the SDK passes settings without a level to the engine as advisory, ignoring `all`. */
function configOf({ all = "advisory", ...policies }: KubernetesPoliciesArgs): PolicyPackConfig {
  const withLevels = Object.entries(policies).map(([name, given]: [string, Configured<object>]) => {
    return [name, typeof given === "string" ? given : { enforcementLevel: all, ...given }] as const;
  });
  return { all, ...Object.fromEntries(withLevels) };
}

const makers: readonly ((shared: SharedExemptions) => Policies[number])[] = [
  podSecurity,
  podSecurityNamespace,
  readOnlyRootFilesystem,
  serviceAccountToken,
  requestsAndLimits,
  imageTag,
  allowedRegistries,
  probes,
  plainSecrets,
  userNamespace,
  podDisruptionBudget,
  helmRelease,
  // Last, because it also reports the exemptions that no policy used.
  network,
];
