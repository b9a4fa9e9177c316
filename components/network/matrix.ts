import { code, table } from "../../settings/markdown.ts";
import { namespaces } from "../names.ts";
import type { Namespace } from "../names.ts";
import { isOurs } from "./endpoint.ts";
import type { Flow, Foreign, Ours } from "./endpoint.ts";

const listed = (ports: readonly number[]) => [...new Set(ports)].sort((a, b) => a - b).join(", ");

function title(end: Ours | Foreign): string {
  if ("cidr" in end) return end.title;
  if ("applications" in end) return `${end.applications.join(" or ")}, ${end.namespace}`;
  return [...Object.values(end.pods), "namespace" in end ? end.namespace : end.foreignNamespace].join(", ");
}

/** Where an end is, as a row or column of the table of namespaces. */
const placeOf = (end: Ours | Foreign): Namespace | "outside" => (isOurs(end) ? end.namespace : "outside");

/** Ports that are open from each namespace to each, and from and to everything else. */
function betweenNamespaces(flows: readonly Flow[]): string {
  const places = [...namespaces, "outside"] as const;
  const ports = (from: Namespace | "outside", to: Namespace | "outside") =>
    flows
      .filter((flow) => placeOf(flow.from) === from && placeOf(flow.to) === to)
      .flatMap((flow) => Object.values(flow.to.ports));
  const rows = places.filter((from) => from !== "outside" || flows.some((flow) => !isOurs(flow.from)));
  const name = (place: Namespace | "outside") => (place === "outside" ? place : code(place));
  return table([
    ["from \\ to", ...places.map(name)],
    ...rows.map((from) => [name(from), ...places.map((to) => listed(ports(from, to)))]),
  ]);
}

const policy = (end: Ours | Foreign, name: string) => (isOurs(end) ? code(`${end.namespace}/${name}`) : "");

/** One line a flow: who, to whom, on which ports, why, and the policies that let it leave and arrive. */
const betweenPods = (flows: readonly Flow[]): string =>
  table([
    ["From", "To", "Ports", "Why", "Leaves by", "Arrives by"],
    ...flows.map((flow) => [
      title(flow.from),
      title(flow.to),
      listed(Object.values(flow.to.ports)),
      flow.reason,
      "egress" in flow ? policy(flow.from, flow.egress) : "",
      "ingress" in flow ? policy(flow.to, flow.ingress) : "",
    ]),
  ]);

/** Address ranges that flows lead to, or come from. */
function ranges(flows: readonly Flow[]): string {
  const lines = flows
    .flatMap(({ from, to }) => [from, to])
    .flatMap((end) =>
      "cidr" in end ? [`- ${end.title}: ${code(end.cidr)} without ${end.except.map(code).join(", ")}`] : [],
    );
  return [...new Set(lines)].join("\n");
}

/** The connectivity matrix as Markdown: who may open a connection to whom, and why. */
export const matrix = (flows: readonly Flow[]): string =>
  ["## Between namespaces", betweenNamespaces(flows), "## Between pods", betweenPods(flows), "## Addresses", ranges(flows)].join(
    "\n\n",
  );
