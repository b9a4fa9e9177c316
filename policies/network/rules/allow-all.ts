import { contains, coverage, parseCidr } from "../../kubernetes/cidr.ts";
import { title } from "../../kubernetes/objects.ts";
import { dnsServerOf, isDnsOnly } from "../dns-server.ts";
import { isAddress, isPods, type Rule } from "../objects.ts";
import { openAllPorts } from "../ports.ts";
import { appliedRules, type AppliedRule, type NetworkRule, type NetworkSettings } from "../rule.ts";
import { selectsAll } from "../selector.ts";

/** Blocks that cover at least this fraction of all addresses count as everyone. */
const everyoneFraction = 0.5;

export const allowAll: NetworkRule = {
  id: "allow-all",
  why: "A rule that allows everyone defeats the default-deny policy.",
  fix: "list the peers; if everyone must be allowed, use the setting allowedCidrs or allowedExternalPorts",
  *find(model, { settings }) {
    for (const policy of model.policies) {
      for (const applied of appliedRules(policy)) {
        const { direction, rule } = applied;
        const isAllowed = rule.isIncomplete || isAllowedForEveryone(rule, settings);
        const whom = isAllowed ? undefined : everyone(applied, settings);
        if (whom === undefined) continue;
        const what = direction === "ingress" ? "allows connections from" : "allows connections to";
        yield { subject: policy.object, message: `${title(policy.object)} ${what} ${whom}.` };
      }
    }
  },
};

export const allPorts: NetworkRule = {
  id: "all-ports",
  why: "A rule for all ports also opens debug, metrics and cluster-internal ports.",
  fix: "list the required ports",
  *find(model) {
    for (const policy of model.policies) {
      for (const { direction, rule } of appliedRules(policy)) {
        if (rule.isIncomplete || rule.peers === undefined) continue;
        const open = rule.ports === undefined ? rule.path : openAllPorts(rule.ports)?.path;
        if (open === undefined) continue;
        yield {
          subject: policy.object,
          message: `${title(policy.object)} opens every port for ${direction} (${open}).`,
        };
      }
    }
  },
};

/** Describes whom a rule allows if that is everyone, or nearly; otherwise undefined. */
function everyone({ direction, rule }: AppliedRule, settings: NetworkSettings): string | undefined {
  if (rule.peers === undefined) {
    const key = direction === "ingress" ? "from" : "to";
    // The rule `dns` reports this.
    const isDns = direction === "egress" && isDnsOnly(rule, dnsServerOf(settings)) !== "no";
    return isDns ? undefined : `everyone: ${rule.path} has no "${key}"`;
  }
  const everywhere = rule.peers
    .filter(isPods)
    .find(({ namespaces, pods }) => namespaces && selectsAll(namespaces) && (!pods || selectsAll(pods)));
  if (everywhere) return `all pods in all namespaces (${everywhere.path})`;
  return widestBlocks(rule, settings);
}

function widestBlocks({ peers = [], path }: Rule, { allowedCidrs = [] }: NetworkSettings): string | undefined {
  const allowed = allowedCidrs.flatMap((text) => parseCidr(text) ?? []);
  const blocks = peers
    .filter(isAddress)
    .filter(({ cidr, isIncomplete }) => !isIncomplete && !allowed.some((outer) => contains(outer, cidr)));
  for (const family of [4, 6] as const) {
    const part = coverage(family, blocks);
    if (part < everyoneFraction) continue;
    const texts = blocks.filter(({ cidr }) => cidr.family === family).map(({ cidr }) => cidr.text);
    return `${Number((part * 100).toFixed(1))}% of all IPv${family} addresses (${path}: ${texts.join(", ")})`;
  }
  return undefined;
}

/** An unknown port may be one of the allowed ports. */
function isAllowedForEveryone({ ports }: Rule, { allowedExternalPorts = [] }: NetworkSettings): boolean {
  const isAllowed = (port: number | string | undefined) => allowedExternalPorts.some((own) => own === port);
  return (
    ports?.every(({ port, endPort, isIncomplete }) => {
      return isIncomplete ? allowedExternalPorts.length > 0 : endPort === undefined && isAllowed(port);
    }) ?? false
  );
}
