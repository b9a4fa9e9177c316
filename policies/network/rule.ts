import type { Subject } from "../crossguard/exemptions.ts";
import type { Settings, ViolationLevel } from "../crossguard/settings.ts";
import type { NetworkModel } from "./model.ts";
import { directions, type Direction, type NetworkPolicy, type Rule } from "./objects.ts";

export interface NetworkSettings extends Settings {
  /** Where the cluster's DNS pods are. @default kube-system, k8s-app: kube-dns, port 53 */
  readonly dns?: {
    readonly namespace?: string;
    readonly podLabels?: Readonly<Record<string, string>>;
    readonly port?: number;
  };
  /** Address blocks that rules may open although they cover half of all addresses or more. */
  readonly allowedCidrs?: readonly string[];
  /** Ports that rules may open to or from everyone. */
  readonly allowedExternalPorts?: readonly number[];
  /** The level of what depends on objects outside the stack, for example other policies. @default "advisory" */
  readonly elsewhere?: ViolationLevel;
}

/** A requirement of default-deny networking. */
export interface NetworkRule {
  readonly id: string;
  readonly why: string;
  /** The fix of findings that do not have their own. */
  readonly fix: string;
  /** The level unless the settings override it. @default the policy's level */
  readonly level?: ViolationLevel;
  readonly find: (model: NetworkModel, context: RuleContext) => Iterable<NetworkFinding>;
}

export interface RuleContext {
  readonly settings: NetworkSettings;
  /** Collects what depends on objects outside the stack. */
  readonly elsewhere: (what: string) => void;
}

export interface NetworkFinding {
  readonly subject: Subject;
  readonly message: string;
  /** Lines below the message. */
  readonly details?: readonly string[];
  readonly fix?: string;
}

/** A rule of a policy that is in effect. */
export interface AppliedRule {
  readonly policy: NetworkPolicy;
  readonly direction: Direction;
  readonly rule: Rule;
}

/** The rules that are certainly in effect: those of a direction that their policy isolates. */
export function appliedRules(policy: NetworkPolicy): readonly AppliedRule[] {
  return directions
    .filter((direction) => policy.isolates[direction] === "yes")
    .flatMap((direction) => policy.rules[direction].map((rule) => ({ policy, direction, rule })));
}

export function opposite(direction: Direction): Direction {
  return direction === "ingress" ? "egress" : "ingress";
}
