import type { KubernetesObject } from "../kubernetes/objects.ts";
import { validate } from "../kubernetes/validation/index.ts";
import type { Endpoint } from "./endpoints.ts";
import { readProtocol, type PortRule, type Protocol } from "./ports.ts";
import { readLabelSelector, type Selector } from "./selector.ts";
import type { Verdict } from "./verdict.ts";

export interface ServicePort {
  readonly path: string;
  readonly port: number;
  readonly target: number | string;
  readonly protocol: Protocol;
}

export interface Service {
  readonly object: KubernetesObject;
  /** Whether it takes in connections from outside the cluster. */
  readonly isExposed: Verdict;
  /** Undefined: it selects no pods. */
  readonly selector: Selector | undefined;
  readonly ports: readonly ServicePort[];
  /** Of its ports not all are known. */
  readonly isOpen: boolean;
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
    isOpen: isMalformed || entries.isUnknown || ports.length < read.length,
  };
}

function readExposure(spec: KubernetesObject["value"]): Verdict {
  const [type, addresses] = [spec.get("type"), spec.get("externalIPs")];
  const known = type.text() ?? "ClusterIP";
  if (exposedTypes.includes(known) || addresses.items().length > 0) return "yes";
  return type.isUnknown || addresses.isUnknown ? "maybe" : "no";
}

/**
 * The Services that listen on a port while these pods listen on another: who opens it to the pods has mistaken the Service's
 * port for theirs.
 */
export function mistakenFor(
  { port, endPort, protocol, isOpen }: PortRule,
  { namespace, isSelectedBy }: Endpoint,
): readonly { readonly service: Service; readonly target: number }[] {
  if (typeof port !== "number" || endPort !== undefined || isOpen) return [];
  const behind = namespace.services.filter(({ selector }) => selector && isSelectedBy(selector) === "yes");
  const isTarget = (own: ServicePort) => own.protocol === protocol && own.target === port;
  if (behind.some((service) => service.isOpen || service.ports.some(isTarget))) return [];
  return behind.flatMap((service) =>
    service.ports.flatMap(({ port: own, target, protocol: over }) =>
      own === port && over === protocol && typeof target === "number" ? [{ service, target }] : [],
    ),
  );
}

/** Says of a port that it is a Service's. */
export function showMistake(port: PortRule, servers: Iterable<Endpoint>): string {
  const mistaken = [...servers].flatMap((server) => mistakenFor(port, server));
  if (mistaken.length === 0) return "";
  const shown = mistaken.map(({ service: { object }, target }) => {
    return `Service ${object.namespace ?? "?"}/${object.name}, whose pods listen on ${target}`;
  });
  const services = [...new Set(shown)].join(" and of ");
  return ` ${port.port} is the port of ${services}: network policies see pod ports, not Service ports.`;
}
