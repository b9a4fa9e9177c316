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
  /** Address blocks that may be opened although they cover half the address space or more. */
  readonly allowedCidrs?: readonly string[];
  /** Ports that may be opened to or from anyone. */
  readonly allowedExternalPorts?: readonly number[];
  /** How to report what the stack alone cannot tell, as namespaces and policies that live elsewhere. @default "advisory" */
  readonly elsewhere?: ViolationLevel;
}

/** One thing that default-deny networking asks of a stack. */
export interface NetworkRule {
  readonly id: string;
  readonly why: string;
  /** Ends the message, unless a finding has a fix of its own. */
  readonly fix: string;
  /** The level unless the settings say otherwise; the policy's own if left out. */
  readonly level?: ViolationLevel;
  readonly find: (model: NetworkModel, context: RuleContext) => Iterable<NetworkFinding>;
}

export interface RuleContext {
  readonly settings: NetworkSettings;
  /** Takes in what the stack alone cannot tell. */
  readonly elsewhere: (what: string) => void;
}

export interface NetworkFinding {
  readonly subject: Subject;
  readonly message: string;
  /** Lines under the message. */
  readonly details?: readonly string[];
  readonly fix?: string;
}

/** A rule of a policy that is in force. */
export interface AppliedRule {
  readonly policy: NetworkPolicy;
  readonly direction: Direction;
  readonly rule: Rule;
}

/** The rules that have an effect for certain: those of a direction that their policy isolates. */
export function appliedRules(policy: NetworkPolicy): readonly AppliedRule[] {
  return directions
    .filter((direction) => policy.isolates[direction] === "yes")
    .flatMap((direction) => policy.rules[direction].map((rule) => ({ policy, direction, rule })));
}

export function opposite(direction: Direction): Direction {
  return direction === "ingress" ? "egress" : "ingress";
}
