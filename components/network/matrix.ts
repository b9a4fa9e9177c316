import { code, table } from "../../settings/markdown.ts";
import { namespaces } from "../names.ts";
import type { Namespace } from "../names.ts";
import type { Endpoint, Flow, OutsideFlow } from "./endpoint.ts";

const listed = (ports: readonly number[]) => [...new Set(ports)].sort((a, b) => a - b).join(", ");

const nameOf = ({ namespace, pods }: Endpoint) => [...Object.values(pods), `${namespace}`].join(", ");

const policy = (namespace: Namespace, name: string) => code(`${namespace}/${name}`);

/** Open ports between each pair of namespaces, and to outside the cluster. */
function betweenNamespaces(flows: readonly Flow[], outsideFlows: readonly OutsideFlow[]): string {
  const inside = (from: Namespace, to: Namespace) =>
    flows
      .filter((flow) => flow.from.namespace === from && flow.to.namespace === to)
      .flatMap((flow) => Object.values(flow.to.ports));
  const outside = (from: Namespace) =>
    outsideFlows.filter((flow) => flow.from.namespace === from).flatMap((flow) => flow.to.ports);
  return table([
    ["from \\ to", ...namespaces.map(code), "outside"],
    ...namespaces.map((from) => [
      code(from),
      ...namespaces.map((to) => listed(inside(from, to))),
      listed(outside(from)),
    ]),
  ]);
}

/** One row per flow: client, server, ports, and the egress and ingress policies. */
function betweenPods(flows: readonly Flow[], outsideFlows: readonly OutsideFlow[]): string {
  return table([
    ["From", "To", "Ports", "Egress policy", "Ingress policy"],
    ...flows.map(({ from, to, egress, ingress }) => [
      nameOf(from),
      nameOf(to),
      listed(Object.values(to.ports)),
      policy(from.namespace, egress),
      policy(to.namespace, ingress),
    ]),
    ...outsideFlows.map(({ from, to, egress }) => [
      `${from.applications.join(" or ")}, ${from.namespace}`,
      `${to.addresses} except ${to.except.join(", ")}`,
      listed(to.ports),
      policy(from.namespace, egress),
      "",
    ]),
  ]);
}

/** The connectivity matrix as Markdown. */
export const matrix = (flows: readonly Flow[], outsideFlows: readonly OutsideFlow[]): string =>
  [
    "## Between namespaces",
    betweenNamespaces(flows, outsideFlows),
    "## Between pods",
    betweenPods(flows, outsideFlows),
  ].join("\n\n");
