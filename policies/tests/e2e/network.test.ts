import { contains, parseCidr } from "../../kubernetes/cidr.ts";
import { allowed } from "../../network/allowed.ts";
import type { Workload } from "../../network/endpoints.ts";
import { NetworkModel } from "../../network/model.ts";
import { isAddress, type AddressPeer, type Direction, type Peer } from "../../network/objects.ts";
import { overlap } from "../../network/ports.ts";
import { allOf, anyOf, verdict } from "../../network/verdict.ts";
import { namespace, policy, workload } from "../network-support.ts";
import type { Json } from "../support.ts";
import { ApiServer } from "./api-server.ts";
import { Arena, connection, serverPorts, type Connections, type Pod } from "./network-arena.ts";
import { networkCases } from "./network-cases.ts";

/** The network model against a cluster that enforces policies: who reaches whom, by connecting, under each form of policy. */
const kubeconfig = process.env.KUBECONFIG;
const suite = kubeconfig === undefined ? describe.skip : describe;

suite("the network of KUBECONFIG's cluster", () => {
  const server = new ApiServer(kubeconfig ?? "");
  // Each case is mostly waiting for connections that are dropped: several at a time.
  const arenas = [1, 2, 3, 4].map((index) => new Arena(server, `netpol-${index}`));

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
    expect(compared).toBe(casesOf(arenas[0] as Arena).length * 12);
  }, 900_000);
});

function casesOf(arena: Arena) {
  return networkCases(arena.namespaces, (name) => {
    const pod = arena.servers.find((each) => each.name === name);
    return pod === undefined ? "" : arena.address(pod);
  });
}

/** Whether each client reaches each port of each server, by the model. */
function predicted(arena: Arena, policies: readonly { readonly at: string; readonly spec: Json }[]): Connections {
  const declared = (pod: Pod, ports: Json[]) => workload(pod.at, pod.name, { labels: pod.labels, ports });
  const model = new NetworkModel([
    ...arena.namespaces.map((name) => namespace(name)),
    ...arena.servers.map((pod) => declared(pod, serverPorts)),
    ...arena.clients.map((pod) => declared(pod, [])),
    ...policies.map(({ at, spec }, index) => policy(at, `p${index}`, spec)),
  ]);
  const find = ({ at, name }: Pod) =>
    model.workloads.find((each) => each.namespace.name === at && each.subject.name === name);
  const reach: Record<string, boolean> = {};
  for (const from of arena.clients) {
    for (const to of arena.servers) {
      for (const { containerPort } of serverPorts) {
        const open = (near: Pod, far: Pod, direction: Direction) =>
          allows(model, { near: find(near), far: find(far), farAddress: arena.address(far) }, direction, containerPort);
        reach[connection(from, to, containerPort)] = open(from, to, "egress") && open(to, from, "ingress");
      }
    }
  }
  return reach;
}

interface Ends {
  readonly near: Workload | undefined;
  readonly far: Workload | undefined;
  readonly farAddress: string;
}

/** Whether the near end's policies let it connect to, or be reached by, the far one. */
function allows(model: NetworkModel, { near, far, farAddress }: Ends, direction: Direction, port: number): boolean {
  if (near === undefined || far === undefined) throw new Error("the model has lost a pod");
  // No policy applies on the node's network.
  if (near.hostNetwork === "yes") return true;
  const { ports } = direction === "egress" ? far : near;
  const wanted = [{ path: "", protocol: "TCP" as const, port, endPort: undefined, isOpen: false }];
  const answer = allowed(model, near, direction, (rule, policy) => {
    const means = (peer: Peer) =>
      isAddress(peer) ? verdict(hasAddress(peer, farAddress)) : model.admits(peer, policy, far);
    return allOf([overlap(wanted, rule.ports, ports), rule.peers === undefined ? "yes" : anyOf(rule.peers.map(means))]);
  });
  if (answer === "maybe") throw new Error("everything is known, and the model is in doubt");
  return answer === "yes";
}

function hasAddress({ cidr, except }: AddressPeer, address: string): boolean {
  const own = parseCidr(`${address}/32`);
  return own !== undefined && contains(cidr, own) && !except.some((hole) => contains(hole, own));
}
