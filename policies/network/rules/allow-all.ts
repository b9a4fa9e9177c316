import { title } from "../../kubernetes/objects.ts";
import { contains, coverage, parseCidr } from "../cidr.ts";
import { isAddress, type Rule } from "../objects.ts";
import { appliedRules, type AppliedRule, type NetworkRule, type NetworkSettings } from "../rule.ts";
import { selectsAll } from "../selector.ts";

/** Blocks that leave out less than this part of the addresses are as good as all of them. */
const widest = 0.5;

export const allowAll: NetworkRule = {
  id: "allow-all",
  why: "A rule that admits anyone undoes the default that denies everyone.",
  mend: "name the peers; what really is for anyone goes into the settings allowedCidrs or allowedExternalPorts",
  *find(model, { settings }) {
    for (const policy of model.policies) {
      for (const applied of appliedRules(policy)) {
        const whom =
          applied.rule.uncertain || isMeantForAnyone(applied.rule, settings) ? undefined : anyone(applied, settings);
        if (whom === undefined) continue;
        const verb = applied.direction === "ingress" ? "admits" : "allows connections to";
        yield { subject: policy.object, message: `${title(policy.object)} ${verb} ${whom}.` };
      }
    }
  },
};

export const allPorts: NetworkRule = {
  id: "all-ports",
  why: "A rule without ports also opens those that nobody thought of: debuggers, metrics, peers of a cluster.",
  mend: "list the ports that are needed",
  *find(model) {
    for (const policy of model.policies) {
      for (const { direction, rule } of appliedRules(policy)) {
        if (rule.uncertain || rule.peers === undefined) continue;
        const open = rule.ports === undefined ? rule.path : rule.ports.find(({ port }) => port === undefined)?.path;
        if (open === undefined) continue;
        yield {
          subject: policy.object,
          message: `${title(policy.object)} opens every port for ${direction} (${open}).`,
        };
      }
    }
  },
};

/** Whom a rule admits, when that is as good as anyone. */
function anyone({ direction, rule }: AppliedRule, settings: NetworkSettings): string | undefined {
  if (rule.peers === undefined) {
    const key = direction === "ingress" ? "from" : "to";
    return opensDnsOnly(rule, settings) ? undefined : `anyone: ${rule.path} has no "${key}"`;
  }
  const everywhere = rule.peers.find((peer) => {
    return !isAddress(peer) && peer.namespaces && selectsAll(peer.namespaces) && (!peer.pods || selectsAll(peer.pods));
  });
  if (everywhere) return `all pods of all namespaces (${everywhere.path})`;
  return widestBlocks(rule, settings);
}

function widestBlocks({ peers = [], path }: Rule, { allowedCidrs = [] }: NetworkSettings): string | undefined {
  const allowed = allowedCidrs.flatMap((text) => parseCidr(text) ?? []);
  const blocks = peers.filter(isAddress).filter(({ cidr }) => !allowed.some((outer) => contains(outer, cidr)));
  for (const family of [4, 6] as const) {
    const part = coverage(family, blocks);
    if (part < widest) continue;
    const texts = blocks.filter(({ cidr }) => cidr.family === family).map(({ cidr }) => cidr.text);
    return `${Number((part * 100).toFixed(1))}% of all IPv${family} addresses (${path}: ${texts.join(", ")})`;
  }
  return undefined;
}

function isMeantForAnyone({ ports }: Rule, { allowedExternalPorts = [] }: NetworkSettings): boolean {
  return (
    ports?.every(({ port, endPort }) => endPort === undefined && allowedExternalPorts.some((own) => own === port)) ??
    false
  );
}

/** The rule about DNS has its own word on that. */
function opensDnsOnly({ ports }: Rule, { dns }: NetworkSettings): boolean {
  return ports?.every(({ port, endPort }) => port === (dns?.port ?? 53) && endPort === undefined) ?? false;
}
