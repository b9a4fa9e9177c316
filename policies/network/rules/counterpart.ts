import { title } from "../../kubernetes/objects.ts";
import type { Endpoint } from "../endpoints.ts";
import { isolates, meansWholeNamespaces, podsOf, type NetworkModel } from "../model.ts";
import { isAddress, type Direction, type NetworkPolicy, type PodPeer } from "../objects.ts";
import { covers, overlap, showPort, type PortRule } from "../ports.ts";
import {
  appliedRules,
  opposite,
  type AppliedRule,
  type NetworkFinding,
  type NetworkRule,
  type RuleContext,
} from "../rule.ts";
import { servicesBehind } from "../services.ts";

export const counterpart: NetworkRule = {
  id: "counterpart",
  why: "A connection needs the egress of its client and the ingress of its server; allowed at one end only, it hangs.",
  mend: "add the missing rule at the other end, for the same pods and the same pod port, or remove this one",
  *find(model, { elsewhere }) {
    if (model.blindSpots.length > 0) return;
    for (const policy of model.policies) {
      if (policy.uncertain) continue;
      for (const applied of appliedRules(policy)) yield* oneSided(model, applied, elsewhere);
    }
  },
};

/** A connection that one end allows and the other does not. */
interface Refused {
  readonly near: Endpoint;
  readonly far: Endpoint;
  readonly port: PortRule | undefined;
}

function* oneSided(
  model: NetworkModel,
  { policy, direction, rule }: AppliedRule,
  elsewhere: RuleContext["elsewhere"],
): Iterable<NetworkFinding> {
  const nearEnds = nearEndsOf(model, policy);
  for (const peer of rule.peers ?? []) {
    if (isAddress(peer)) continue;
    const farEnds = farEndsOf(model, peer, policy);
    for (const port of rule.ports ?? [undefined]) {
      const refused = refusedBy(model, nearEnds, farEnds, direction, port, meansWholeNamespaces(peer));
      const known = refused.filter(({ far }) => far.namespace.object !== undefined);
      if (known.length > 0) yield describe(policy, direction, peer, known);
      for (const { far } of refused) {
        if (far.namespace.object !== undefined) continue;
        const need = `${opposite(direction)} policies for what ${title(policy.object)} allows (${peer.path})`;
        elsewhere(`whether the namespace ${far.namespace.name}, which is not of this stack, has ${need}`);
      }
    }
  }
}

function nearEndsOf(model: NetworkModel, policy: NetworkPolicy): readonly Endpoint[] {
  const namespace = model.namespace(policy.namespace);
  const workloads = model.select(namespace, policy.podSelector).filter(({ uncertain }) => !uncertain);
  return workloads.length > 0 ? workloads : [model.phantom(namespace, policy.podSelector)];
}

/** The pods that a peer means. Where the stack creates none of them, what policies say of such pods still counts. */
function farEndsOf(model: NetworkModel, peer: PodPeer, policy: NetworkPolicy): readonly Endpoint[] {
  const namespaces = model.namespacesOf(peer, policy);
  const workloads = namespaces.flatMap((namespace) => model.select(namespace, podsOf(peer)));
  return workloads.length > 0 ? workloads : namespaces.map((namespace) => model.phantom(namespace, podsOf(peer)));
}

/**
 * The connections that the far end refuses. A peer that names pods must be answered by each of them; one that names
 * whole namespaces, by some pod there.
 */
function refusedBy(
  model: NetworkModel,
  nearEnds: readonly Endpoint[],
  farEnds: readonly Endpoint[],
  direction: Direction,
  port: PortRule | undefined,
  anyWillDo: boolean,
): readonly Refused[] {
  const refused: Refused[] = [];
  for (const near of nearEnds) {
    const others = farEnds.length > 1 ? farEnds.filter((far) => far !== near) : farEnds;
    const servers = others.filter((far) => listens(direction === "egress" ? far : near, port));
    const answering = (far: Endpoint) => answers(model, near, far, direction, port);
    if (anyWillDo && servers.some(answering)) continue;
    refused.push(...servers.filter((far) => !answering(far)).map((far) => ({ near, far, port })));
  }
  return refused;
}

function listens({ ports }: Endpoint, port: PortRule | undefined): boolean {
  return port === undefined || ports === undefined || ports.some((own) => covers(port, own));
}

function answers(
  model: NetworkModel,
  near: Endpoint,
  far: Endpoint,
  direction: Direction,
  port: PortRule | undefined,
): boolean {
  const back = opposite(direction);
  if (!isolates(far.policies, back)) return true;
  const server = direction === "egress" ? far : near;
  const wanted = port === undefined ? undefined : [port];
  return far.possiblePolicies.some((policy) => {
    if (policy.uncertain) return true;
    return (
      policy.isolates.has(back) &&
      policy.rules[back].some(
        ({ peers, ports }) =>
          overlap(wanted, ports, server.ports) &&
          (peers === undefined || peers.some((peer) => model.mayAdmit(peer, policy, near))),
      )
    );
  });
}

function describe(
  policy: NetworkPolicy,
  direction: Direction,
  peer: PodPeer,
  refused: readonly Refused[],
): NetworkFinding {
  const port = refused[0]?.port;
  const on = port === undefined ? "" : ` on ${showPort(port)}`;
  const lines = refused.map(({ near, far }) => {
    const [client, server] = direction === "egress" ? [near, far] : [far, near];
    return `${client.title} -> ${server.title}`;
  });
  const hint =
    direction === "egress" && port !== undefined
      ? servicesBehind(
          refused.map(({ far }) => far.namespace),
          port,
        )
      : "";
  return {
    subject: policy.object,
    message:
      `${title(policy.object)} allows connections${on} (${peer.path}) that no ${opposite(direction)} policy ` +
      "at the other end allows:",
    details: [...(hint === "" ? [] : [hint.trim()]), ...new Set(lines)],
  };
}
