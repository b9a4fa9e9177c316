import { describe, expect, test } from "@jest/globals";
import type { Endpoint, Flow } from "../../../components/network/endpoint.ts";
import { flows } from "../../../components/network/flows.ts";
import { basePolicies, policiesFor } from "../../../components/network/policies.ts";
import { namespaces } from "../../../components/names.ts";
import { pgbouncer } from "../../../components/pgbouncer/endpoint.ts";
import { primary, replica } from "../../../components/postgresql/endpoints.ts";

interface Peer {
  readonly namespaceSelector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly podSelector?: { readonly matchLabels?: Readonly<Record<string, string>> };
}

interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports: readonly { readonly port: number }[];
}

interface Spec {
  readonly podSelector: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

const policies = policiesFor(flows).map((policy) => ({ ...policy, spec: policy.spec as unknown as Spec }));

/** A pod as policies see it. */
interface Pod {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

const selects = (labels: Readonly<Record<string, string>> | undefined, pod: Pod) =>
  Object.entries(labels ?? {}).every(([key, value]) => pod.labels[key] === value);

const matches = (peer: Peer, pod: Pod) =>
  peer.namespaceSelector.matchLabels["kubernetes.io/metadata.name"] === pod.namespace &&
  selects(peer.podSelector?.matchLabels, pod);

/** Whether the policies let `from` open a connection to `port` of `to`: egress there and ingress here. */
function isOpen(from: Pod, to: Pod, port: number): boolean {
  const on = (pod: Pod) =>
    policies.filter(({ namespace, spec }) => namespace === pod.namespace && selects(spec.podSelector.matchLabels, pod));
  const leaves = on(from).some(({ spec }) =>
    spec.egress?.some(
      (rule) => rule.ports.some((own) => own.port === port) && rule.to?.some((peer) => matches(peer, to)),
    ),
  );
  const arrives = on(to).some(({ spec }) =>
    spec.ingress?.some(
      (rule) => rule.ports.some((own) => own.port === port) && rule.from?.some((peer) => matches(peer, from)),
    ),
  );
  return leaves && arrives;
}

const podOf = (end: Endpoint): Pod => ({ namespace: end.namespace, labels: end.pods });
const stranger = (namespace: string): Pod => ({ namespace, labels: { app: "stranger" } });

describe("the flow table", () => {
  const ends: Readonly<Record<string, Pod>> = {
    primary: podOf(primary),
    replica: podOf(replica),
    pgbouncer: podOf(pgbouncer),
    ...Object.fromEntries(namespaces.map((namespace) => [namespace, stranger(namespace)])),
    default: stranger("default"),
  };

  test("opens these connections and no other", () => {
    const open = Object.entries(ends).flatMap(([from, client]) =>
      Object.entries(ends).flatMap(([to, server]) =>
        [5432, 6432, 443, 53]
          .filter((port) => isOpen(client, server, port))
          .map((port) => `${from} -> ${to}:${String(port)}`),
      ),
    );
    expect(open.sort()).toEqual(
      [
        "nx-backend -> pgbouncer:6432",
        "nx-backend -> primary:5432",
        "nx-backend -> replica:5432",
        "pgbouncer -> primary:5432",
        "primary -> primary:5432",
        "primary -> replica:5432",
        "replica -> primary:5432",
        "replica -> replica:5432",
        // The specification's `allow-from-backend` names no pods: these listen on one of the two ports only, or on none.
        "nx-backend -> nx-persistent:5432",
        "nx-backend -> nx-persistent:6432",
        "nx-backend -> pgbouncer:5432",
        "nx-backend -> primary:6432",
        "nx-backend -> replica:6432",
      ].sort(),
    );
  });

  test("yields both sides of every flow, with the ports of the server's pods", () => {
    for (const { from, to, egress, ingress } of flows) {
      const leaving = policies.find(({ name, namespace }) => name === egress && namespace === from.namespace);
      const arriving = policies.find(({ name, namespace }) => name === ingress && namespace === to.namespace);
      expect(leaving?.spec.policyTypes).toContain("Egress");
      expect(arriving?.spec.policyTypes).toContain("Ingress");
      for (const port of Object.values(to.ports)) expect(isOpen(podOf(from), podOf(to), port)).toBe(true);
    }
  });

  test("names policies as the specification does, and one that it lacks", () => {
    expect(policies.map(({ namespace, name }) => `${namespace}/${name}`).sort()).toEqual([
      "nx-backend/allow-egress-to-postgresql",
      "nx-persistent/allow-from-backend",
      "nx-persistent/allow-from-pgbouncer",
      "nx-persistent/allow-pg-replication",
      "nx-persistent/allow-pgbouncer-from-backend",
      "nx-persistent/allow-pgbouncer-to-primary",
    ]);
  });
});

test("every namespace is closed but for DNS, over both protocols", () => {
  for (const namespace of namespaces) {
    const own = basePolicies().filter((policy) => policy.namespace === namespace);
    expect(own.map(({ name }) => name)).toEqual(["default-deny-all", "allow-dns"]);
    expect(own[0]?.spec).toEqual({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    expect((own[1]?.spec as unknown as Spec).egress?.[0]?.ports).toEqual([
      { protocol: "UDP", port: 53 },
      { protocol: "TCP", port: 53 },
    ]);
  }
});

describe("a flow that cannot be", () => {
  const client: Endpoint = { namespace: "nx-search", pods: { app: "client" }, ports: {} };
  const server: Endpoint = { namespace: "nx-broker", pods: { app: "server" }, ports: { main: 1 } };
  const flow: Flow = { from: client, to: server, egress: "out", ingress: "in" };

  test("because the server has no port is refused", () => {
    expect(() => policiesFor([{ ...flow, to: { ...server, ports: {} } }])).toThrow(/without a port/);
  });

  test("because one policy would select different pods is refused", () => {
    const other = { ...flow, from: { ...client, pods: { app: "other" } } };
    expect(() => policiesFor([flow, other])).toThrow(/nx-search\/out would select/);
  });
});

test("lines that name the same policy become one, without repetition", () => {
  const client: Endpoint = { namespace: "nx-search", pods: {}, ports: {} };
  const server = (port: number): Endpoint => ({ namespace: "nx-broker", pods: {}, ports: { main: port } });
  const line = (port: number): Flow => ({ from: client, to: server(port), egress: "out", ingress: "in" });
  const merged = policiesFor([line(1), line(2), line(1)]);
  expect(merged.map(({ name }) => name)).toEqual(["out", "in"]);
  expect((merged[0]?.spec as unknown as Spec).egress).toHaveLength(2);
});
