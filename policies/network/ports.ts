import type { Value } from "../kubernetes/value.ts";

export type Protocol = "TCP" | "UDP" | "SCTP";

/** A port that a container says it has. */
export interface ContainerPort {
  readonly name: string | undefined;
  readonly port: number;
  readonly protocol: Protocol;
}

/** An entry of a rule's `ports`: a number, a range, a name, or every port of a protocol. */
export interface PortRule {
  readonly path: string;
  readonly protocol: Protocol;
  readonly port: number | string | undefined;
  readonly endPort: number | undefined;
}

export function readPortRule(entry: Value): PortRule {
  const port = entry.get("port").integerOrText();
  return {
    path: entry.path,
    protocol: readProtocol(entry),
    port,
    endPort: typeof port === "number" ? entry.get("endPort").integer() : undefined,
  };
}

export function readProtocol(entry: Value): Protocol {
  const protocol = entry.get("protocol");
  const text = protocol.text() ?? "TCP";
  if (text === "TCP" || text === "UDP" || text === "SCTP") return text;
  protocol.refuse(`the protocol ${text}, which is none of TCP, UDP and SCTP`);
  return "TCP";
}

export function covers(rule: PortRule, { name, port, protocol }: ContainerPort): boolean {
  if (rule.protocol !== protocol) return false;
  if (typeof rule.port === "string") return rule.port === name;
  return rule.port === undefined || (port >= rule.port && port <= (rule.endPort ?? rule.port));
}

/**
 * Whether two rules, at either end of a connection, let some port of the server through. `undefined` in place of rules
 * is every port; `undefined` in place of the server's ports is any port it may listen on without saying so.
 */
export function overlap(
  a: readonly PortRule[] | undefined,
  b: readonly PortRule[] | undefined,
  server: readonly ContainerPort[] | undefined,
): boolean {
  if (a === undefined || b === undefined) return opens(a ?? b, server);
  if (server !== undefined)
    return server.some((port) => a.some((rule) => covers(rule, port)) && b.some((rule) => covers(rule, port)));
  return a.some((left) => b.some((right) => meet(left, right)));
}

/** Whether rules open some port of the server. */
export function opens(rules: readonly PortRule[] | undefined, server: readonly ContainerPort[] | undefined): boolean {
  return rules === undefined || server === undefined || server.some((port) => rules.some((rule) => covers(rule, port)));
}

function meet(a: PortRule, b: PortRule): boolean {
  if (a.protocol !== b.protocol) return false;
  if (typeof a.port === "string" && typeof b.port === "string") return a.port === b.port;
  if (typeof a.port !== "number" || typeof b.port !== "number") return true;
  return a.port <= (b.endPort ?? b.port) && b.port <= (a.endPort ?? a.port);
}

export function showPort({ protocol, port, endPort }: PortRule): string {
  if (port === undefined) return `every ${protocol} port`;
  return `${protocol} ${port}${endPort === undefined ? "" : `-${endPort}`}`;
}
