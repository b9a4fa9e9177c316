import type { KubernetesObject } from "../kubernetes/objects.ts";
import { validate } from "../kubernetes/validation/index.ts";
import type { Endpoint } from "./endpoints.ts";
import { readProtocol, type PortRule, type Protocol } from "./ports.ts";
import { readLabelSelector, type Selector } from "./selector.ts";
import { allOf, type Verdict } from "./verdict.ts";

export interface ServicePort {
  readonly path: string;
  readonly port: number;
  readonly target: number | string;
  readonly protocol: Protocol;
}

export interface Service {
  readonly object: KubernetesObject;
  /** Whether it accepts connections from outside the cluster. */
  readonly isExposed: Verdict;
  /** Undefined if it selects no pods. */
  readonly selector: Selector | undefined;
  readonly ports: readonly ServicePort[];
  /** Some ports are unknown. */
  readonly isIncomplete: boolean;
}

const exposedTypes = ["LoadBalancer", "NodePort"];

export function readService(object: KubernetesObject): Service {
  validate(object);
  const spec = object.value.get("spec");
  const entries = spec.get("ports");
  const read = entries.items().map((entry): ServicePort | undefined => {
    const [protocol, targetPort] = [entry.get("protocol"), entry.get("targetPort")];
    const [port, target] = [entry.get("port").integer(), targetPort.integerOrText()];
    const known = { path: entry.path, protocol: readProtocol(protocol) };
    if (port === undefined || protocol.isUnknown || targetPort.isUnknown) return undefined;
    return { ...known, port, target: target || port };
  });
  const ports = read.filter((port) => port !== undefined);
  const isMalformed = object.notes.malformed.size > 0;
  return {
    object,
    isExposed: isMalformed ? "maybe" : readExposure(spec),
    selector: readLabelSelector(spec.get("selector")),
    ports,
    isIncomplete: isMalformed || entries.isUnknown || ports.length < read.length,
  };
}

function readExposure(spec: KubernetesObject["value"]): Verdict {
  const [type, addresses] = [spec.get("type"), spec.get("externalIPs")];
  const known = type.text() ?? "ClusterIP";
  if (exposedTypes.includes(known) || addresses.items().length > 0) return "yes";
  return type.isUnknown || addresses.isUnknown ? "maybe" : "no";
}

export interface ServicePortMistake {
  readonly service: Service;
  /** The port on which the pods listen instead. */
  readonly target: number;
}

/**
 * The Services of these pods with this port, but another target port. A rule that opens this port uses the Service port
 * instead of the pod port.
 */
export function servicePortMistakes(port: PortRule, server: Endpoint): readonly ServicePortMistake[] {
  const behind = servicesFor(port, server);
  const isRight = ({ service: { isIncomplete, ports } }: Candidate) =>
    isIncomplete || ports.some(({ target }) => target === port.port);
  if (behind.some(isRight)) return [];
  return behind.filter(({ is }) => is === "yes").flatMap(({ service }) => mappings(port, service));
}

/** Whether there is such a mistake, or may be, depending on unknown parts of the Services. */
export function mayBeServicePort(port: PortRule, server: Endpoint): boolean {
  const behind = servicesFor(port, server);
  const isRight = ({ service, is }: Candidate) =>
    is === "yes" && service.ports.some(({ target }) => target === port.port);
  const mayMap = ({ service }: Candidate) => service.isIncomplete || mappings(port, service).length > 0;
  return !behind.some(isRight) && behind.some(mayMap);
}

interface Candidate {
  readonly service: Service;
  readonly is: Verdict;
}

/** The Services that select pods, or may, if the port is a number that the pods do not declare; otherwise none. */
function servicesFor({ port, endPort, protocol, isIncomplete }: PortRule, server: Endpoint): readonly Candidate[] {
  if (typeof port !== "number" || endPort !== undefined || isIncomplete) return [];
  if (server.ports.declared.some((own) => own.port === port && own.protocol === protocol)) return [];
  return server.namespace.services
    .map((service) => ({ service, is: selectsPods(service, server) }))
    .filter(({ is }) => is !== "no");
}

/** Whether a Service selects pods of its namespace, or of one that may be its namespace. */
function selectsPods({ object, selector }: Service, pods: Endpoint): Verdict {
  if (selector === undefined) return "no";
  return allOf([object.namespace === undefined ? "maybe" : "yes", pods.isSelectedBy(selector)]);
}

/** The ports of a Service that have this number and another target port. */
function mappings({ port: wanted, protocol: over }: PortRule, service: Service): readonly ServicePortMistake[] {
  return service.ports.flatMap(({ port, target, protocol }) => {
    const isOne = port === wanted && protocol === over && typeof target === "number" && target !== wanted;
    return isOne ? [{ service, target }] : [];
  });
}

/** Explains that a port is a Service port; empty if it is not. */
export function explainServicePort(port: PortRule, servers: Iterable<Endpoint>): string {
  const mistaken = [...servers].flatMap((server) => servicePortMistakes(port, server));
  if (mistaken.length === 0) return "";
  const shown = mistaken.map(({ service: { object }, target }) => {
    return `Service ${object.namespace ?? "?"}/${object.name}, whose pods listen on ${target}`;
  });
  const services = [...new Set(shown)].join(" and of ");
  return ` ${port.port} is the port of ${services}.`;
}
