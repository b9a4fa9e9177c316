import type { Namespace } from "./endpoints.ts";
import type { PortRule } from "./ports.ts";

/** Says of a port that it is a Service's, where the pods behind that Service listen on another. */
export function servicesBehind(namespaces: Iterable<Namespace>, { port, protocol }: PortRule): string {
  const services = [...new Set(namespaces)].flatMap((namespace) => namespace.services);
  const mistaken = services.flatMap(({ name, namespace, ports }) =>
    ports
      .filter((own) => own.port === port && own.protocol === protocol && own.target !== port)
      .map(({ target }) => `Service ${namespace}/${name}, whose pods listen on ${target}`),
  );
  if (mistaken.length === 0) return "";
  return ` ${port} is the port of ${mistaken.join(" and of ")}: network policies see pod ports, not Service ports.`;
}
