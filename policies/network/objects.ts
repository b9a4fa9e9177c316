import { parseCidr, type Cidr, type CidrBlock } from "../kubernetes/cidr.ts";
import type { KubernetesObject } from "../kubernetes/objects.ts";
import { validate } from "../kubernetes/validation/index.ts";
import type { Value } from "../kubernetes/value.ts";
import { readPortRule, type PortRule } from "./ports.ts";
import { anything, readSelector, type Selector } from "./selector.ts";
import { verdict, type Verdict } from "./verdict.ts";

export type Direction = "ingress" | "egress";
export const directions: readonly Direction[] = ["ingress", "egress"];

/** A NetworkPolicy after API defaulting. */
export interface NetworkPolicy {
  readonly object: KubernetesObject;
  /** Undefined if unknown. */
  readonly namespace: string | undefined;
  readonly podSelector: Selector;
  /** Whether it isolates pods, by direction. */
  readonly isolates: Readonly<Record<Direction, Verdict>>;
  readonly rules: Readonly<Record<Direction, readonly Rule[]>>;
}

export interface Rule {
  readonly path: string;
  /** Undefined means everyone. */
  readonly peers: readonly Peer[] | undefined;
  /** Undefined means every port. */
  readonly ports: readonly PortRule[] | undefined;
  /** Its peers, its ports or its existence are unknown. */
  readonly isIncomplete: boolean;
}

export type Peer = PodPeer | AddressPeer | UnknownPeer;

export interface PodPeer {
  readonly path: string;
  /** Undefined if omitted. */
  readonly pods: Selector | undefined;
  readonly namespaces: Selector | undefined;
}

export interface AddressPeer extends CidrBlock {
  readonly path: string;
  /** Some exceptions are unknown. */
  readonly isIncomplete: boolean;
}

/** An unknown peer. */
export interface UnknownPeer {
  readonly path: string;
  readonly isIncomplete: true;
}

export function isAddress(peer: Peer): peer is AddressPeer {
  return "cidr" in peer;
}

export function isPods(peer: Peer): peer is PodPeer {
  return "pods" in peer;
}

/**
 * A patch or an invalid policy may select and allow anything: a patch is only partly known, and an invalid policy must
 * be corrected first.
 */
export function readNetworkPolicy(object: KubernetesObject): NetworkPolicy {
  validate(object);
  const { namespace } = object;
  const spec = object.value.get("spec");
  if (object.partial || object.notes.malformed.size > 0) {
    const rules = [unknownRule(spec.path)];
    const isolates = { ingress: "maybe", egress: "maybe" } as const;
    return { object, namespace, podSelector: anything, isolates, rules: { ingress: rules, egress: rules } };
  }
  const rules = { ingress: readRules(spec.get("ingress"), "from"), egress: readRules(spec.get("egress"), "to") };
  const isolates = readIsolates(spec.get("policyTypes"), spec.get("egress"));
  return { object, namespace, podSelector: readSelector(spec.get("podSelector")), isolates, rules };
}

/** An omitted or empty `policyTypes` means Ingress, and Egress too if there are egress rules. */
function readIsolates(types: Value, egress: Value): NetworkPolicy["isolates"] {
  const named = types.items().map((type) => type.text());
  if (types.isUnknown) return { ingress: "maybe", egress: "maybe" };
  if (named.length === 0)
    return { ingress: "yes", egress: egress.isUnknown ? "maybe" : verdict(egress.items().length > 0) };
  const whether = (type: string) => (named.includes(type) ? "yes" : named.includes(undefined) ? "maybe" : "no");
  return { ingress: whether("Ingress"), egress: whether("Egress") };
}

function unknownRule(path: string): Rule {
  return { path, peers: [{ path, isIncomplete: true }], ports: [unknownPort(path)], isIncomplete: true };
}

function unknownPort(path: string): PortRule {
  return { path, protocol: "TCP", port: undefined, endPort: undefined, isIncomplete: true };
}

function readRules(rules: Value, peersKey: "from" | "to"): readonly Rule[] {
  const items = rules.items();
  if (rules.isUnknown) return [unknownRule(rules.path)];
  return items.map((rule) => {
    const [peers, ports] = [rule.get(peersKey), rule.get("ports")];
    const known = { peers: peers.items().map(readPeer), ports: ports.items().map(readPortRule) };
    const open = unknownRule(rule.path);
    return {
      path: rule.path,
      peers: peers.isUnknown ? open.peers : known.peers.length === 0 ? undefined : known.peers,
      ports: ports.isUnknown ? open.ports : known.ports.length === 0 ? undefined : known.ports,
      isIncomplete: peers.isUnknown || ports.isUnknown,
    };
  });
}

function readPeer(peer: Value): Peer {
  const { path } = peer;
  const [block, pods, namespaces] = [peer.get("ipBlock"), peer.get("podSelector"), peer.get("namespaceSelector")];
  const open: UnknownPeer = { path, isIncomplete: true };
  if (block.isObject()) return readBlock(path, block) ?? open;
  if (block.isUnknown || (!pods.isSet && !namespaces.isSet)) return open;
  return {
    path,
    pods: pods.isSet ? readSelector(pods) : undefined,
    namespaces: namespaces.isSet ? readSelector(namespaces) : undefined,
  };
}

function readBlock(path: string, block: Value): AddressPeer | undefined {
  const cidr = readCidr(block.get("cidr"));
  const exceptions = block.get("except");
  const except = exceptions.items().map(readCidr);
  const known = except.filter((exception) => exception !== undefined);
  return cidr && { path, cidr, except: known, isIncomplete: exceptions.isUnknown || known.length < except.length };
}

function readCidr(value: Value): Cidr | undefined {
  return parseCidr(value.text() ?? "");
}
