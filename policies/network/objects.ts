import type { KubernetesObject } from "../kubernetes/objects.ts";
import { containersOf, type PodTemplate } from "../kubernetes/pods.ts";
import type { Value } from "../kubernetes/value.ts";
import { parseCidr, type Cidr } from "./cidr.ts";
import { readPortRule, readProtocol, type ContainerPort, type PortRule, type Protocol } from "./ports.ts";
import { readSelector, type Labels, type Selector } from "./selector.ts";

export type Direction = "ingress" | "egress";
export const directions: readonly Direction[] = ["ingress", "egress"];

/** A NetworkPolicy with the API's defaults. */
export interface NetworkPolicy {
  readonly object: KubernetesObject;
  readonly namespace: string;
  readonly podSelector: Selector;
  /** The directions that it isolates. */
  readonly isolates: ReadonlySet<Direction>;
  readonly rules: Readonly<Record<Direction, readonly Rule[]>>;
  /** Something in it is not known: it may select or allow more than can be seen. */
  readonly uncertain: boolean;
}

export interface Rule {
  readonly path: string;
  /** Undefined: anyone. */
  readonly peers: readonly Peer[] | undefined;
  /** Undefined: every port. */
  readonly ports: readonly PortRule[] | undefined;
  readonly uncertain: boolean;
}

export type Peer = PodPeer | AddressPeer;

export interface PodPeer {
  readonly path: string;
  /** Undefined: left out. */
  readonly pods: Selector | undefined;
  readonly namespaces: Selector | undefined;
}

export interface AddressPeer {
  readonly path: string;
  readonly cidr: Cidr;
  readonly except: readonly Cidr[];
}

export interface Service {
  readonly name: string;
  readonly namespace: string;
  readonly selector: Labels;
  readonly ports: readonly { readonly port: number; readonly target: number | string; readonly protocol: Protocol }[];
}

export function isAddress(peer: Peer): peer is AddressPeer {
  return "cidr" in peer;
}

export function readNetworkPolicy(object: KubernetesObject, namespace: string): NetworkPolicy {
  const spec = object.value.get("spec");
  const rules = { ingress: readRules(spec.get("ingress"), "from"), egress: readRules(spec.get("egress"), "to") };
  const types = spec.get("policyTypes").items().flatMap(readType);
  const defaults: readonly Direction[] = rules.egress.length > 0 ? directions : ["ingress"];
  const podSelector = readSelector(spec.get("podSelector"));
  return {
    object,
    namespace,
    podSelector,
    isolates: new Set(types.length > 0 ? types : defaults),
    rules,
    uncertain: object.partial || spec.hidesSomething || object.notes.malformed.size > 0,
  };
}

function readType(type: Value): readonly Direction[] {
  const text = type.text();
  if (text === "Ingress") return ["ingress"];
  if (text === "Egress") return ["egress"];
  if (text !== undefined) type.refuse(`${text}, which is neither Ingress nor Egress`);
  return [];
}

function readRules(rules: Value, peersKey: "from" | "to"): readonly Rule[] {
  return rules.items().map((rule) => {
    const peers = rule.get(peersKey).items();
    const ports = rule.get("ports").items();
    return {
      path: rule.path,
      peers: peers.length === 0 ? undefined : peers.flatMap(readPeer),
      ports: ports.length === 0 ? undefined : ports.map(readPortRule),
      uncertain: rule.hidesSomething,
    };
  });
}

function readPeer(peer: Value): readonly Peer[] {
  const [block, pods, namespaces] = [peer.get("ipBlock"), peer.get("podSelector"), peer.get("namespaceSelector")];
  if (block.isObject()) {
    const cidr = readCidr(block.get("cidr"));
    const except = block.get("except").items().flatMap(readCidr);
    return cidr.map((known) => ({ path: peer.path, cidr: known, except }));
  }
  if (!pods.isSet && !namespaces.isSet) {
    if (!peer.hidesSomething) peer.refuse("a peer without podSelector, namespaceSelector or ipBlock");
    return [];
  }
  return [
    {
      path: peer.path,
      pods: pods.isSet ? readSelector(pods) : undefined,
      namespaces: namespaces.isSet ? readSelector(namespaces) : undefined,
    },
  ];
}

function readCidr(value: Value): readonly Cidr[] {
  const text = value.text();
  const cidr = text === undefined ? undefined : parseCidr(text);
  if (text !== undefined && cidr === undefined) value.refuse(`${text}, which is no CIDR such as 10.0.0.0/8`);
  return cidr === undefined ? [] : [cidr];
}

export function readService(object: KubernetesObject, namespace: string): Service {
  const spec = object.value.get("spec");
  return {
    name: object.name,
    namespace,
    selector: spec.get("selector").strings(),
    ports: spec
      .get("ports")
      .items()
      .flatMap((entry) => {
        const port = entry.get("port").integer();
        const target = entry.get("targetPort").integerOrText() ?? port;
        return port === undefined || target === undefined ? [] : [{ port, target, protocol: readProtocol(entry) }];
      }),
  };
}

/** The ports that containers declare and that listen while the pod runs: init containers only where they stay. */
export function readContainerPorts({ spec }: PodTemplate): readonly ContainerPort[] {
  return containersOf(spec)
    .filter(({ list, value }) => list === "containers" || value.get("restartPolicy").textIfKnown() === "Always")
    .flatMap(({ value }) => value.get("ports").items())
    .flatMap((entry) => {
      const port = entry.get("containerPort").integer();
      return port === undefined ? [] : [{ name: entry.get("name").textIfKnown(), port, protocol: readProtocol(entry) }];
    });
}
