import { printable } from "../kubernetes/printable.ts";
import type { Value } from "../kubernetes/value.ts";
import { allOf, anyOf, verdict, type Verdict } from "./verdict.ts";

const protocols = ["TCP", "UDP", "SCTP"] as const;
export type Protocol = (typeof protocols)[number];

/** A declared container port. */
export interface ContainerPort {
  readonly name: string | undefined;
  readonly port: number;
  readonly protocol: Protocol;
}

/** The ports of pods. */
export interface PodPorts {
  readonly declared: readonly ContainerPort[];
  /** Containers without declared ports, which may listen on any port. */
  readonly withoutPorts: readonly string[];
  /** Some declarations may be unknown. */
  readonly isIncomplete: boolean;
}

/** An entry of a rule's `ports`: a number, a range, a name, or every port of a protocol. */
export interface PortRule {
  readonly path: string;
  readonly protocol: Protocol;
  readonly port: number | string | undefined;
  readonly endPort: number | undefined;
  /** A part is unknown. */
  readonly isIncomplete: boolean;
}

export const lastPort = 65_535;

export function readPortRule(entry: Value): PortRule {
  const [protocol, port, endPort] = [entry.get("protocol"), entry.get("port"), entry.get("endPort")];
  return {
    path: entry.path,
    protocol: readProtocol(protocol),
    port: port.integerOrText(),
    endPort: endPort.integer(),
    isIncomplete: [protocol, port, endPort].some(({ isUnknown }) => isUnknown),
  };
}

/** Defaults to TCP. The API server rejects objects with other protocols. */
export function readProtocol(protocol: Value): Protocol {
  const text = protocol.text();
  return text === "UDP" || text === "SCTP" ? text : "TCP";
}

export function covers(rule: PortRule, { name, port, protocol }: ContainerPort): Verdict {
  if (rule.isIncomplete) return "maybe";
  if (rule.protocol !== protocol) return "no";
  if (typeof rule.port === "string") return verdict(rule.port === name);
  return verdict(rule.port === undefined || (port >= rule.port && port <= (rule.endPort ?? rule.port)));
}

/** Whether rules open a port; `undefined` means every port. */
export function opens(rules: readonly PortRule[] | undefined, port: ContainerPort): Verdict {
  return rules === undefined ? "yes" : anyOf(rules.map((rule) => covers(rule, port)));
}

/**
 * Whether the rules at both ends of a connection open a common port of the server. `undefined` means every port.
 */
export function overlap(
  a: readonly PortRule[] | undefined,
  b: readonly PortRule[] | undefined,
  server: PodPorts,
): Verdict {
  if (a === undefined || b === undefined) return listensOn(a ?? b, server);
  const declared = server.declared.map((port) => allOf([opens(a, port), opens(b, port)]));
  const others = a.flatMap((left) => b.map((right) => meet(left, right, server)));
  return anyOf([...declared, ...others]);
}

/** Whether pods listen on some port that rules open. */
export function listensOn(rules: readonly PortRule[] | undefined, server: PodPorts): Verdict {
  if (rules === undefined) return "yes";
  const declared = server.declared.map((port) => opens(rules, port));
  return anyOf([...declared, ...rules.map((rule) => mayBeUndeclared(rule, server))]);
}

/** Whether two rules share a port that the server does not declare. Such a port has no name. */
function meet(a: PortRule, b: PortRule, server: PodPorts): Verdict {
  const possible = allOf([mayBeUndeclared(a, server), mayBeUndeclared(b, server)]);
  if (possible === "no" || a.isIncomplete || b.isIncomplete) return possible;
  if (a.protocol !== b.protocol) return "no";
  if (typeof a.port === "string" || typeof b.port === "string")
    return typeof a.port === typeof b.port && a.port !== b.port ? "no" : possible;
  const [first, last] = [Math.max(a.port ?? 1, b.port ?? 1), Math.min(endOf(a), endOf(b))];
  return first <= last ? possible : "no";
}

function endOf({ port, endPort }: PortRule): number {
  return typeof port === "number" ? (endPort ?? port) : lastPort;
}

function mayBeUndeclared(rule: PortRule, { withoutPorts, isIncomplete }: PodPorts): Verdict {
  if (withoutPorts.length > 0 && typeof rule.port !== "string") return rule.isIncomplete ? "maybe" : "yes";
  return isIncomplete || (withoutPorts.length > 0 && rule.isIncomplete) ? "maybe" : "no";
}

/** Whether rules open all ports of some protocol, in one entry or in several. */
export function openAllPorts(rules: readonly PortRule[]): PortRule | undefined {
  const known = rules.filter(({ isIncomplete }) => !isIncomplete);
  const covered = protocols.filter((protocol) => coversAll(known, protocol));
  return known.find(({ protocol, port }) => port === undefined || covered.includes(protocol));
}

function coversAll(rules: readonly PortRule[], protocol: Protocol): boolean {
  const ranges = rules
    .filter((rule) => rule.protocol === protocol && typeof rule.port === "number")
    .map((rule) => ({ first: Number(rule.port), last: endOf(rule) }))
    .sort((a, b) => a.first - b.first);
  return ranges.reduce((next, { first, last }) => (first <= next ? Math.max(next, last + 1) : next), 1) > lastPort;
}

export function showPort({ protocol, port, endPort }: Omit<PortRule, "path" | "isIncomplete">): string {
  if (port === undefined) return `every ${protocol} port`;
  return printable(`${protocol} ${port}${endPort === undefined ? "" : `-${endPort}`}`);
}
