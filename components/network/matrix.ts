import { code, table } from "../../settings/markdown.ts";
import { namespaces, operatorsNamespace } from "../names.ts";
import type { Namespace } from "../names.ts";
import { isOurs } from "./endpoint.ts";
import type { Flow, Foreign, Ours } from "./endpoint.ts";

const listed = (ports: readonly number[]) => [...new Set(ports)].sort((a, b) => a - b).join(", ");

function title(end: Ours | Foreign): string {
  if ("cidrs" in end) return end.title;
  if ("applications" in end) return `${end.applications.join(" or ")}, ${end.namespace}`;
  return [...Object.values(end.pods), "namespace" in end ? end.namespace : end.foreignNamespace].join(", ");
}

/** Row or column of an end in the table of namespaces. */
const placeOf = (end: Ours | Foreign): Namespace | "outside" => (isOurs(end) ? end.namespace : "outside");

/** Open ports between each pair of namespaces, and from and to outside. */
function betweenNamespaces(flows: readonly Flow[]): string {
  const ends = flows.flatMap(({ from, to }) => [from, to]);
  const ofOperators = ends.some((end) => placeOf(end) === operatorsNamespace) ? [operatorsNamespace] : [];
  const places: (Namespace | "outside")[] = [...namespaces, ...ofOperators, "outside"];
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

/** One row per flow: client, server, ports, reason, and the egress and ingress policies. */
const betweenPods = (flows: readonly Flow[]): string =>
  table([
    ["From", "To", "Ports", "Reason", "Egress policy", "Ingress policy"],
    ...flows.map((flow) => [
      title(flow.from),
      title(flow.to),
      listed(Object.values(flow.to.ports)),
      flow.reason,
      "egress" in flow ? policy(flow.from, flow.egress) : "",
      "ingress" in flow ? policy(flow.to, flow.ingress) : "",
    ]),
  ]);

const excepted = (ranges: readonly string[]) => (ranges.length > 0 ? ` except ${ranges.map(code).join(", ")}` : "");

/** The address ranges of the flows. */
function ranges(flows: readonly Flow[]): string {
  const lines = flows
    .flatMap(({ from, to }) => [from, to])
    .flatMap((end) =>
      "cidrs" in end ? [`- ${end.title}: ${end.cidrs.map(code).join(", ")}${excepted(end.except)}`] : [],
    );
  return [...new Set(lines)].join("\n");
}

/** The connectivity matrix as Markdown. */
export const matrix = (flows: readonly Flow[]): string =>
  [
    "## Between namespaces",
    betweenNamespaces(flows),
    "## Between pods",
    betweenPods(flows),
    "## Addresses",
    ranges(flows),
  ].join("\n\n");

/** A setting that replaces flows. */
interface Choice {
  readonly setting: string;
  readonly introduction: string;
}

export const onCloudNativePg: Choice = {
  setting: "postgresql.implementation: cloudnative-pg",
  introduction:
    "These lines replace those of PostgreSQL and PgBouncer above. The operators have the namespace `cnpg-system`, which " +
    "denies all other traffic too; lines with the plugin `barman-cloud` and the object store need `objectStore`. Policies " +
    "do not apply to the kubelet's probes, which come from the pod's own node.",
};

export const onStrimzi: Choice = {
  setting: "kafka.implementation: strimzi",
  introduction:
    "These lines replace those to `nx-broker` above. If this program installs the operator, it has the namespace " +
    "`strimzi`, which denies all other traffic too. Prometheus reaches no pod: a line for it, to port 9404 of brokers, " +
    "controllers and Cruise Control, is to be added where there is one.",
};

export const onAuthenticatedPorts: Choice = {
  setting: "cluster.clientPorts: authenticated",
  introduction:
    "These lines replace those to and in `nx-broker` and `nx-search` above. Backend services do not reach PostgreSQL's " +
    "servers, only the poolers: all lines from `nx-backend` to port 5432 of `nx-persistent` go.",
};

/** The flows with a setting, which replace others. */
export function withSetting({ setting, introduction }: Choice, own: readonly Flow[], others: readonly Flow[]): string {
  const line = (flow: Flow) => JSON.stringify(flow);
  const known = new Set(own.map(line));
  const added = others.filter((flow) => !known.has(line(flow)));
  const parts = [`## With ${code(setting)}`, introduction, betweenPods(added), ranges(added)];
  return parts.filter((part) => part !== "").join("\n\n");
}
