import { contains, parseCidr } from "../../kubernetes/cidr.ts";
import { allowed } from "../../network/allowed.ts";
import { dnsServerOf } from "../../network/dns-server.ts";
import type { Endpoint } from "../../network/endpoints.ts";
import { NetworkModel } from "../../network/model.ts";
import { isAddress, type AddressPeer, type Direction, type Peer } from "../../network/objects.ts";
import { overlap, type Protocol } from "../../network/ports.ts";
import { allOf, anyOf, verdict } from "../../network/verdict.ts";
import { namespace, policy, workload } from "../network-support.ts";
import { resource, type Json } from "../support.ts";
import { ApiServer } from "./api-server.ts";
import { Arena, connection, question, type Connections, type Pod } from "./network-arena.ts";
import { networkCases } from "./network-cases.ts";

/** The network model against a cluster that enforces policies: who reaches whom, by connecting, under each form of policy. */
const kubeconfig = process.env.KUBECONFIG;
const suite = kubeconfig === undefined ? describe.skip : describe;

suite("the network of KUBECONFIG's cluster", () => {
  const server = new ApiServer(kubeconfig ?? "");
  // Each case is mostly waiting for connections that are dropped: several at a time.
  const arenas = [1, 2, 3, 4].map((index) => new Arena(server, index));

  beforeAll(() => Promise.all(arenas.map((arena) => arena.open())), 180_000);

  afterAll(async () => {
    await Promise.all(arenas.map((arena) => arena.close()));
    server.close();
  }, 60_000);

  test("opens and closes what the model says", async () => {
    let compared = 0;
    await Promise.all(
      arenas.map(async (arena, index) => {
        for (const [title, ...policies] of casesOf(arena).filter((_, each) => each % arenas.length === index)) {
          const connections = predicted(arena, policies);
          await arena.under(policies, async () => {
            expect({ title, connections: await arena.settled(connections) }).toEqual({ title, connections });
          });
          compared += Object.keys(connections).length;
        }
      }),
    );
    console.log(`${compared} connections as the model says`);
    const [{ clients, servers } = { clients: [], servers: [] }] = arenas;
    const probes = clients.length * (servers.flatMap(({ ports }) => ports).length + dnsProtocols.length);
    expect(compared).toBe(casesOf(arenas[0] as Arena).length * probes);
  }, 900_000);
});

function casesOf(arena: Arena) {
  return networkCases(arena.namespaces, (name) => {
    const pod = arena.servers.find((each) => each.name === name);
    return arena.address(pod ?? "dns");
  });
}

const dnsProtocols = ["TCP", "UDP"] as const;

/** Whether each client reaches each port of each server, and DNS, by the model. */
function predicted(arena: Arena, policies: readonly { readonly at: string; readonly spec: Json }[]): Connections {
  const model = new NetworkModel([
    ...arena.namespaces.map((name) => namespace(name)),
    ...[...arena.servers, ...arena.clients].map(declared),
    ...policies.map(({ at, spec }, index) => policy(at, `p${index}`, spec)),
  ]);
  const find = ({ at, name }: Pod) => {
    const found = model.workloads.find((each) => each.namespace.name === at && each.subject.name === name);
    if (found === undefined) throw new Error(`the model has lost ${at}/${name}`);
    return found;
  };
  const reach: Record<string, boolean> = {};
  for (const from of arena.clients) {
    const client = find(from);
    for (const protocol of dnsProtocols) {
      const ends = { near: client, far: dnsServerOf({}, model.namespaces), farAddress: arena.address("dns") };
      reach[question(from, protocol)] = allows(model, ends, "egress", { port: 53, protocol });
    }
    for (const to of arena.servers) {
      const server = find(to);
      const [there, back] = [
        { near: client, far: server, farAddress: arena.address(to) },
        { near: server, far: client, farAddress: arena.address(from) },
      ];
      for (const { containerPort: port } of to.ports) {
        const wanted = { port, protocol: "TCP" as const };
        reach[connection(from, to, port)] =
          // What comes from the node itself passes, as the kubelet's probes do.
          from.hostNetwork || (allows(model, there, "egress", wanted) && allows(model, back, "ingress", wanted));
      }
    }
  }
  return reach;
}

/** The workload as a stack has it. Pods carry their labels themselves. */
function declared({ at, name, kind, labels, ports, hostNetwork }: Pod) {
  if (kind !== "core/v1:Pod") return workload(at, name, { kind, labels, ports, spec: { hostNetwork } });
  const spec = { hostNetwork, containers: [{ name: "probe", ports }] };
  return resource(`kubernetes:${kind}`, { metadata: { namespace: at, name, labels }, spec }, `${at}-${name}`);
}

interface Ends {
  readonly near: Endpoint;
  readonly far: Endpoint;
  readonly farAddress: string;
}

/** Whether the near end's policies let it connect to, or be reached by, the far one. */
function allows(
  model: NetworkModel,
  { near, far, farAddress }: Ends,
  direction: Direction,
  { port, protocol }: { readonly port: number; readonly protocol: Protocol },
): boolean {
  // No policy applies on the node's network.
  if (near.hostNetwork === "yes") return true;
  const { ports } = direction === "egress" ? far : near;
  const wanted = [{ path: "", protocol, port, endPort: undefined, isIncomplete: false }];
  const answer = allowed(model, near, direction, (rule, policy) => {
    const means = (peer: Peer) =>
      isAddress(peer) ? verdict(hasAddress(peer, farAddress)) : model.matchesPeer(peer, policy, far);
    return allOf([overlap(wanted, rule.ports, ports), rule.peers === undefined ? "yes" : anyOf(rule.peers.map(means))]);
  });
  if (answer === "maybe") throw new Error("everything is known, and the model is in doubt");
  return answer === "yes";
}

function hasAddress({ cidr, except }: AddressPeer, address: string): boolean {
  const own = parseCidr(`${address}/32`);
  return own !== undefined && contains(cidr, own) && !except.some((hole) => contains(hole, own));
}
