import { contains, coverage, parseCidr } from "../../kubernetes/cidr.ts";
import { title } from "../../kubernetes/objects.ts";
import { dnsServerOf, isDnsOnly } from "../dns-server.ts";
import { isAddress, isPods, type Rule } from "../objects.ts";
import { openAllPorts } from "../ports.ts";
import { appliedRules, type AppliedRule, type NetworkRule, type NetworkSettings } from "../rule.ts";
import { selectsAll } from "../selector.ts";

/** Blocks that leave out less than this part of the addresses are as good as all of them. */
const widest = 0.5;

export const allowAll: NetworkRule = {
  id: "allow-all",
  why: "A rule that allows anyone undoes the default that denies everyone.",
  fix: "name the peers; what really is for anyone goes into the settings allowedCidrs or allowedExternalPorts",
  *find(model, { settings }) {
    for (const policy of model.policies) {
      for (const applied of appliedRules(policy)) {
        const { direction, rule } = applied;
        const whom = rule.isOpen || isMeantForAnyone(rule, settings) ? undefined : anyone(applied, settings);
        if (whom === undefined) continue;
        const what = direction === "ingress" ? "allows connections from" : "allows connections to";
        yield { subject: policy.object, message: `${title(policy.object)} ${what} ${whom}.` };
      }
    }
  },
};

export const allPorts: NetworkRule = {
  id: "all-ports",
  why: "A rule without ports also opens those that nobody thought of: debuggers, metrics, peers of a cluster.",
  fix: "list the ports that are needed",
  *find(model) {
    for (const policy of model.policies) {
      for (const { direction, rule } of appliedRules(policy)) {
        if (rule.isOpen || rule.peers === undefined) continue;
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

/** Whom a rule allows, when that is as good as anyone. */
function anyone({ direction, rule }: AppliedRule, settings: NetworkSettings): string | undefined {
  if (rule.peers === undefined) {
    const key = direction === "ingress" ? "from" : "to";
    // The rule about DNS has its own word on that.
    const isDns = direction === "egress" && isDnsOnly(rule, dnsServerOf(settings)) !== "no";
    return isDns ? undefined : `anyone: ${rule.path} has no "${key}"`;
  }
  const everywhere = rule.peers
    .filter(isPods)
    .find(({ namespaces, pods }) => namespaces && selectsAll(namespaces) && (!pods || selectsAll(pods)));
  if (everywhere) return `all pods of all namespaces (${everywhere.path})`;
  return widestBlocks(rule, settings);
}

function widestBlocks({ peers = [], path }: Rule, { allowedCidrs = [] }: NetworkSettings): string | undefined {
  const allowed = allowedCidrs.flatMap((text) => parseCidr(text) ?? []);
  const blocks = peers
    .filter(isAddress)
    .filter(({ cidr, isOpen }) => !isOpen && !allowed.some((outer) => contains(outer, cidr)));
  for (const family of [4, 6] as const) {
    const part = coverage(family, blocks);
    if (part < widest) continue;
    const texts = blocks.filter(({ cidr }) => cidr.family === family).map(({ cidr }) => cidr.text);
    return `${Number((part * 100).toFixed(1))}% of all IPv${family} addresses (${path}: ${texts.join(", ")})`;
  }
  return undefined;
}

/** A port that is not known may be one of them. */
function isMeantForAnyone({ ports }: Rule, { allowedExternalPorts = [] }: NetworkSettings): boolean {
  const isAllowed = (port: number | string | undefined) => allowedExternalPorts.some((own) => own === port);
  return (
    ports?.every(({ port, endPort, isOpen }) => {
      return isOpen ? allowedExternalPorts.length > 0 : endPort === undefined && isAllowed(port);
    }) ?? false
  );
}
