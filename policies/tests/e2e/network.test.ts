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
import { networkCases } from "./network-cases.ts";
import { connection, dnsQuery, Testbed, type Connections, type Pod } from "./network-testbed.ts";

/** Compares the network model with connections in a cluster that enforces policies, for each form of policy. */
const kubeconfig = process.env.KUBECONFIG;
const suite = kubeconfig === undefined ? describe.skip : describe;

suite("the network of KUBECONFIG's cluster", () => {
  const server = new ApiServer(kubeconfig ?? "");
  // Each case mostly waits for dropped connections, so several run in parallel.
  const testbeds = [1, 2, 3, 4].map((index) => new Testbed(server, index));

  beforeAll(() => Promise.all(testbeds.map((testbed) => testbed.create())), 180_000);

  afterAll(async () => {
    await Promise.all(testbeds.map((testbed) => testbed.delete()));
    server.close();
  }, 60_000);

  test("allows and drops the connections that the model predicts", async () => {
    let compared = 0;
    await Promise.all(
      testbeds.map(async (testbed, index) => {
        for (const [title, ...policies] of casesOf(testbed).filter((_, each) => each % testbeds.length === index)) {
          const connections = predicted(testbed, policies);
          await testbed.withPolicies(policies, async () => {
            expect({ title, connections: await testbed.waitFor(connections) }).toEqual({ title, connections });
          });
          compared += Object.keys(connections).length;
        }
      }),
    );
    console.log(`${compared} connections as the model predicts`);
    const [{ clients, servers } = { clients: [], servers: [] }] = testbeds;
    const probes = clients.length * (servers.flatMap(({ ports }) => ports).length + dnsProtocols.length);
    expect(compared).toBe(casesOf(testbeds[0] as Testbed).length * probes);
  }, 900_000);
});

function casesOf(testbed: Testbed) {
  return networkCases(testbed.namespaces, (name) => {
    const pod = testbed.servers.find((each) => each.name === name);
    return testbed.address(pod ?? "dns");
  });
}

const dnsProtocols = ["TCP", "UDP"] as const;

/** The connections that the model predicts from each client to each server port, and to DNS. */
function predicted(testbed: Testbed, policies: readonly { readonly at: string; readonly spec: Json }[]): Connections {
  const model = new NetworkModel([
    ...testbed.namespaces.map((name) => namespace(name)),
    ...[...testbed.servers, ...testbed.clients].map(declared),
    ...policies.map(({ at, spec }, index) => policy(at, `p${index}`, spec)),
  ]);
  const find = ({ at, name }: Pod) => {
    const found = model.workloads.find((each) => each.namespace.name === at && each.subject.name === name);
    if (found === undefined) throw new Error(`the model does not contain ${at}/${name}`);
    return found;
  };
  const reachable: Record<string, boolean> = {};
  for (const from of testbed.clients) {
    const client = find(from);
    for (const protocol of dnsProtocols) {
      const ends = { near: client, far: dnsServerOf({}, model.namespaces), farAddress: testbed.address("dns") };
      reachable[dnsQuery(from, protocol)] = allows(model, ends, "egress", { port: 53, protocol });
    }
    for (const to of testbed.servers) {
      const server = find(to);
      const [there, back] = [
        { near: client, far: server, farAddress: testbed.address(to) },
        { near: server, far: client, farAddress: testbed.address(from) },
      ];
      for (const { containerPort: port } of to.ports) {
        const target = { port, protocol: "TCP" as const };
        reachable[connection(from, to, port)] =
          // Traffic from the node itself is always allowed, as for kubelet probes.
          from.hostNetwork || (allows(model, there, "egress", target) && allows(model, back, "ingress", target));
      }
    }
  }
  return reachable;
}

/** The workload as a resource of a stack. A pod has the labels in its own metadata. */
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

/** Whether the policies of the near end allow the connection to or from the far end. */
function allows(
  model: NetworkModel,
  { near, far, farAddress }: Ends,
  direction: Direction,
  { port, protocol }: { readonly port: number; readonly protocol: Protocol },
): boolean {
  // No policy applies to pods on the host network.
  if (near.hostNetwork === "yes") return true;
  const { ports } = direction === "egress" ? far : near;
  const wanted = [{ path: "", protocol, port, endPort: undefined, isIncomplete: false }];
  const answer = allowed(model, near, direction, (rule, policy) => {
    const admits = (peer: Peer) =>
      isAddress(peer) ? verdict(hasAddress(peer, farAddress)) : model.matchesPeer(peer, policy, far);
    return allOf([
      overlap(wanted, rule.ports, ports),
      rule.peers === undefined ? "yes" : anyOf(rule.peers.map(admits)),
    ]);
  });
  if (answer === "maybe") throw new Error("the model returned maybe, although everything is known");
  return answer === "yes";
}

function hasAddress({ cidr, except }: AddressPeer, address: string): boolean {
  const own = parseCidr(`${address}/32`);
  return own !== undefined && contains(cidr, own) && !except.some((excepted) => contains(excepted, own));
}
