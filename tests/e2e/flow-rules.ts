import { isOurs, type Flow } from "../../components/network/endpoint.ts";

/** One end of a connection: a pod, or an address that is none of a pod. */
export interface Place {
  /** Missing for an address outside of pods. */
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly address: string;
}

/** The network policies under test. */
export interface Rules {
  /** The allowed connections of the layer's namespaces. */
  readonly flows: readonly Flow[];
  /** The layer's namespaces, which deny everything else. */
  readonly namespaces: readonly string[];
  /** Ports that all pods reach in the cluster's own namespaces with policies. The pods there reach nothing. */
  readonly served: Readonly<Record<string, readonly number[]>>;
}

const bits = (address: string): number => address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);

function isIn(address: string, cidr: string): boolean {
  const [base = "", prefix = "32"] = cidr.split("/");
  const size = 2 ** (32 - Number(prefix));
  return Math.floor(bits(address) / size) === Math.floor(bits(base) / size);
}

function isOneOf({ namespace, labels = {}, address }: Place, end: Flow["from"] | Flow["to"]): boolean {
  if ("cidrs" in end) {
    return end.cidrs.some((cidr) => isIn(address, cidr)) && !end.except.some((cidr) => isIn(address, cidr));
  }
  if (namespace !== (isOurs(end) ? end.namespace : end.foreignNamespace)) return false;
  if ("applications" in end) return end.applications.includes(labels["app.kubernetes.io/name"] ?? "");
  return Object.entries(end.pods).every(([key, value]) => labels[key] === value);
}

/** Whether network policies restrict the connections of these pods. */
export const isIsolated = ({ namespaces, served }: Rules, { namespace }: Place): boolean =>
  namespace !== undefined && (namespaces.includes(namespace) || namespace in served);

/** Whether a line of the table is for this connection. */
export const isFor = ({ from, to }: Flow, client: Place, server: Place, port: number): boolean =>
  Object.values<number>(to.ports).includes(port) && isOneOf(client, from) && isOneOf(server, to);

/** Whether the policies at the client and those at the server let it connect. */
export function allows(rules: Rules, client: Place, server: Place, port: number): boolean {
  const { flows, namespaces, served } = rules;
  const matching = flows.filter((flow) => isFor(flow, client, server, port));
  const hasPolicies = ({ namespace = "" }: Place): boolean => namespaces.includes(namespace);
  const leaves = hasPolicies(client)
    ? matching.some((flow) => "egress" in flow)
    : !((client.namespace ?? "") in served);
  const arrives = hasPolicies(server)
    ? matching.some((flow) => "ingress" in flow)
    : (served[server.namespace ?? ""]?.includes(port) ?? true);
  return leaves && arrives;
}
