import { title } from "../../kubernetes/objects.ts";
import type { Workload } from "../endpoints.ts";
import type { NetworkModel, Selection } from "../model.ts";
import { isPods } from "../objects.ts";
import { listensOn, opens, showPort, type PodPorts, type PortRule } from "../ports.ts";
import { appliedRules, type AppliedRule, type NetworkFinding, type NetworkRule, type RuleContext } from "../rule.ts";
import { servicePortMistakes, explainServicePort } from "../services.ts";
import { anyOf } from "../verdict.ts";

export const podPorts: NetworkRule = {
  id: "pod-ports",
  why: "NetworkPolicies match pod ports, not Service ports: a rule for a port that no container has allows nothing.",
  fix: "use the port that the container listens on",
  *find(model, { elsewhere }) {
    for (const policy of model.policies)
      for (const applied of appliedRules(policy)) yield* checkPorts(model, applied, elsewhere);
  },
};

function* checkPorts(
  model: NetworkModel,
  { policy, direction, rule }: AppliedRule,
  elsewhere: RuleContext["elsewhere"],
): Iterable<NetworkFinding> {
  const servers = serversOf(model, { policy, direction, rule });
  if (servers.length === 0) return;
  for (const port of rule.ports ?? []) {
    if (port.isIncomplete || port.port === undefined) continue;
    const what = `${title(policy.object)} opens ${showPort(port)} (${port.path})`;
    const listens = anyOf(servers.map(({ ports }) => listensOn([port], ports)));
    if (listens === "no" || isServicePort(port, servers, rule.ports ?? [])) {
      const explanation = explainServicePort(port, servers);
      const message = `${what}, but none of these pods has that port: ${showServers(servers)}.${explanation}`;
      yield { subject: policy.object, message };
    } else if (listens === "yes" && !servers.some((server) => declares(server, port))) {
      const undeclared = servers.filter(({ ports }) => ports.withoutPorts.length > 0);
      const which = undeclared.map(({ title: name, ports }) => `${name} (${ports.withoutPorts.join(", ")})`);
      elsewhere(
        `whether ${showPort(port)}, which ${title(policy.object)} opens (${port.path}), is a port of ` +
          `${which.join(", ")}: containers without declared ports may listen on any port`,
      );
    }
  }
}

/** Whether a port is only a Service port for all these pods, and the rule does not also open the target port. */
function isServicePort(port: PortRule, servers: readonly Workload[], rules: readonly PortRule[]): boolean {
  return servers.every((server) => {
    if (server.ports.isIncomplete || declares(server, port)) return false;
    const targets = servicePortMistakes(port, server).map(({ target }) => target);
    const isOpened = (target: number) =>
      opens(rules, { name: undefined, port: target, protocol: port.protocol }) !== "no";
    return targets.length > 0 && !targets.some(isOpened);
  });
}

function declares({ ports }: Workload, port: PortRule): boolean {
  return ports.declared.some((own) => opens([port], own) === "yes");
}

/** The workloads that a rule opens ports of; empty if some are unknown or outside the stack. */
function serversOf(model: NetworkModel, { policy, direction, rule }: AppliedRule): readonly Workload[] {
  if (policy.namespace === undefined) return [];
  const own = model.namespace(policy.namespace);
  if (direction === "ingress")
    return model.otherPodsOf(own).length > 0 ? [] : whole(model.select(own, policy.podSelector));
  const peers = rule.peers ?? [];
  const each = peers.map((peer) => {
    if (!isPods(peer)) return [];
    const { certain, possible } = model.namespacesOf(peer, policy);
    const hasOthers = [...certain, ...possible].some((namespace) => model.otherPodsOf(namespace).length > 0);
    return hasOthers ? [] : whole(model.selectByPeer(peer, policy));
  });
  return each.some((workloads) => workloads.length === 0) ? [] : each.flat();
}

function whole({ certain, possible }: Selection): readonly Workload[] {
  return possible.length > 0 ? [] : certain;
}

function showServers(servers: readonly Workload[]): string {
  const names = servers.map((server) => `${server.title} (${showPorts(server.ports)})`);
  return `${names.slice(0, 5).join(", ")}${names.length > 5 ? ` and ${names.length - 5} more` : ""}`;
}

function showPorts({ declared, withoutPorts }: PodPorts): string {
  const ports = declared.map(({ name, port, protocol }) => {
    return showPort({ protocol, port, endPort: undefined }) + (name === undefined ? "" : ` "${name}"`);
  });
  const rest = withoutPorts.length === 0 ? [] : [ports.length === 0 ? "none declared" : "others not declared"];
  return [...ports, ...rest].join(", ");
}
