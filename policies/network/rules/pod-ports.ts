import { title } from "../../kubernetes/objects.ts";
import type { Workload } from "../endpoints.ts";
import { podsOf, type NetworkModel } from "../model.ts";
import { isAddress } from "../objects.ts";
import { covers, showPort, type ContainerPort } from "../ports.ts";
import { appliedRules, type AppliedRule, type NetworkFinding, type NetworkRule } from "../rule.ts";
import { servicesBehind } from "../services.ts";

export const podPorts: NetworkRule = {
  id: "pod-ports",
  why: "Policies are applied behind the Service: a port that no container has lets nothing through.",
  mend: "name the port that the container listens on",
  *find(model) {
    for (const policy of model.policies) {
      if (policy.uncertain) continue;
      for (const applied of appliedRules(policy)) yield* unheard(model, applied);
    }
  },
};

function* unheard(model: NetworkModel, applied: AppliedRule): Iterable<NetworkFinding> {
  const servers = serversOf(model, applied);
  if (servers.length === 0) return;
  const open = servers.flatMap(({ ports = [] }) => ports);
  for (const port of applied.rule.ports ?? []) {
    if (port.port === undefined || open.some((own) => covers(port, own))) continue;
    const names = servers.map((server) => `${server.title} (${showPorts(server.ports ?? [])})`);
    yield {
      subject: applied.policy.object,
      message:
        `${title(applied.policy.object)} opens ${showPort(port)} (${port.path}), a port that none of these has: ` +
        `${names.slice(0, 5).join(", ")}${names.length > 5 ? ` and ${names.length - 5} more` : ""}.` +
        servicesBehind(
          servers.map(({ namespace }) => namespace),
          port,
        ),
    };
  }
}

/** The workloads whose ports a rule names; none when some are not of this stack, or do not declare their ports. */
function serversOf(model: NetworkModel, { policy, direction, rule }: AppliedRule): readonly Workload[] {
  const servers =
    direction === "ingress"
      ? model.select(model.namespace(policy.namespace), policy.podSelector)
      : peersOf(model, policy, rule);
  return servers.some(({ ports, uncertain }) => ports === undefined || uncertain) ? [] : servers;
}

function peersOf(
  model: NetworkModel,
  policy: AppliedRule["policy"],
  { peers = [] }: AppliedRule["rule"],
): readonly Workload[] {
  const each = peers.map((peer) =>
    isAddress(peer)
      ? []
      : model.namespacesOf(peer, policy).flatMap((namespace) => model.select(namespace, podsOf(peer))),
  );
  return each.some((workloads) => workloads.length === 0) ? [] : each.flat();
}

function showPorts(ports: readonly ContainerPort[]): string {
  return ports
    .map(({ name, port, protocol }) => `${protocol} ${port}${name === undefined ? "" : ` "${name}"`}`)
    .join(", ");
}
