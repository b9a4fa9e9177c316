import { distinct, named, plural, type Check, type Rule } from "../check.ts";

const noHostPorts: Rule = (pod) => {
  const containers = pod.containers.filter(({ hostPorts }) => hostPorts.length > 0);
  if (containers.length === 0) return undefined;
  const ports = containers.flatMap(({ hostPorts }) => hostPorts);
  const numbers = distinct(ports.map(({ port }) => String(port)));
  return {
    reason: "hostPort",
    detail:
      `${named(containers)} ${plural(containers.length, "uses", "use")} ` +
      `${plural(numbers.length, "hostPort")} ${numbers.join(", ")}`,
    fields: ports.map(({ path, port }) => ({ path, value: String(port) })),
    containers,
  };
};

export const hostPorts: Check = {
  id: "hostPorts",
  level: "baseline",
  why: "A port on the node bypasses Services and network policies, and only one pod per node can use it.",
  fix: "remove hostPort, and hostNetwork, which sets it by default, and expose the pod with a Service",
  versions: { "v1.0": noHostPorts },
};
