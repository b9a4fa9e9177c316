import type { Settings } from "../../settings.ts";
import { type Client, output, removeClients, startClients } from "./clients.ts";
import { isFor, isIsolated, type Rules } from "./flow-rules.ts";
import {
  clusterTargets,
  isRestricted,
  nonPublic,
  outsidePorts,
  outsideTargets,
  podTargets,
  serviceTargets,
  type Target,
} from "./flow-targets.ts";
import { connectFrom } from "./network-namespace.ts";
import { addOutsideHost, type OutsideHost } from "./outside.ts";
import { type Dummy, type DummyPods, dummyPods, type Peer, storePeers } from "./peers.ts";
import { parseVerdicts, probeCommand, type Verdict } from "./probe.ts";
import { settings } from "./settings.ts";

/** The stack under test. */
export interface FlowsUnderTest {
  readonly rules: (settings: Settings) => Rules;
  /** Pods to start in addition to one in each namespace. */
  readonly dummies: readonly Dummy[];
  /** Image with PostgreSQL's client programs, if not that of the StatefulSet's PostgreSQL. */
  readonly client?: Pick<Client, "image">;
}

/** An attempt to connect. */
interface Attempt {
  readonly client: Peer;
  readonly target: Target;
  readonly expected: Verdict;
  verdict?: Verdict;
}

/** The results of all attempts. */
export interface Connections {
  readonly rules: Rules;
  readonly peers: readonly Peer[];
  readonly attempts: readonly Attempt[];
}

/**
 * Connections to listening ports that are allowed, by kinds of clients and servers. Written by hand: independent of the
 * table of flows.
 */
export type Specified = readonly (readonly [
  clients: readonly string[],
  servers: Readonly<Record<string, readonly number[]>>,
])[];

/** Ports that no flow has. */
const unused = [22, 8443];

/**
 * Attempts at once. The first packet of each waits in one queue for a verdict of the network policies, and packets that
 * a full queue drops look like those that a policy drops.
 */
const atOnce = 8000;

async function attempts(peers: readonly Peer[], targets: readonly Target[]): Promise<Attempt[]> {
  const all = peers.flatMap((client) =>
    targets.flatMap((target): Attempt[] => {
      const expected = target.expected(client);
      return expected === undefined ? [] : [{ client, target, expected }];
    }),
  );
  const tryAll = async (clients: readonly Peer[], closed: boolean): Promise<void> => {
    await Promise.all(
      clients.map(async (client) => {
        const own = all.filter((each) => each.client === client && (each.expected === "closed") === closed);
        const verdicts = await connectFrom(
          client.pid,
          own.map(({ target }) => target.address),
        );
        for (const each of own) each.verdict = verdicts.get(each.target.address);
      }),
    );
  };
  // Dropped packets are retransmitted and would delay the others, so connections that must get an answer are tried
  // first, client by client.
  for (const client of peers) await tryAll([client], false);
  const together = Math.max(1, Math.floor(atOnce / targets.length));
  for (let next = 0; next < peers.length; next += together) await tryAll(peers.slice(next, next + together), true);
  return all;
}

/** Tests that exactly the connections are open that the table of flows and the specification's table allow. */
export function testFlows(under: FlowsUnderTest, specified: Specified): { readonly all: () => Connections } {
  let outside: OutsideHost | undefined;
  let dummies: DummyPods | undefined;
  let found: Connections;

  beforeAll(async () => {
    const rules = under.rules(await settings());
    outside = await addOutsideHost(outsidePorts, Object.keys(nonPublic));
    const stores = await storePeers(Object.keys(rules.served));
    const inTable = rules.flows.flatMap(({ to }): number[] => Object.values(to.ports));
    const ports = [...new Set([...inTable, ...stores.flatMap(({ listening }) => listening), ...unused])];
    const perNamespace = [...rules.namespaces, "default"].map((namespace) => ({ kind: namespace, namespace }));
    dummies = await dummyPods(ports, [...perNamespace, ...under.dummies], under.client);
    const peers = [...stores, ...dummies.peers];
    const targets = [
      ...peers.flatMap((peer) => podTargets(rules, peer, ports)),
      ...(await serviceTargets(rules, [...rules.namespaces, ...Object.keys(rules.served)], stores)),
      ...(await clusterTargets(rules)),
      ...outsideTargets(rules, outside.address),
    ];
    found = { rules, peers, attempts: await attempts(peers, targets) };
  });
  afterAll(async () => {
    await dummies?.stop();
    await removeClients();
    await outside?.remove();
  });

  describe("connections", () => {
    test("are open where the table of flows allows them, and closed for every other client, server and port", () => {
      const wrong = found.attempts
        .filter(({ expected, verdict }) => verdict !== expected)
        .map(
          ({ client, target, expected, verdict }) =>
            `${client.name} -> ${target.name}: ${verdict}, expected ${expected}`,
        );
      expect(wrong).toEqual([]);
    });

    test("include an open one for every port of every line of the table", () => {
      const open = found.attempts.filter(({ verdict }) => verdict === "open");
      const missing = found.rules.flows.flatMap((flow) =>
        Object.values<number>(flow.to.ports)
          .filter(
            (port) => !open.some(({ client, target: { end } }) => end?.port === port && isFor(flow, client, end, port)),
          )
          .map((port) => `port ${port}: ${flow.reason}`),
      );
      expect(missing).toEqual([]);
    });

    test("are open exactly where the specification's table allows them, independent of the table of flows", () => {
      const { rules, peers } = found;
      const open = found.attempts.flatMap(({ client, target, verdict }) =>
        verdict === "open" && target.end !== undefined && isRestricted(rules, client, target)
          ? [`${client.kind} -> ${target.end.kind}:${target.end.port}`]
          : [],
      );
      const isReplicated = (kind: string): boolean => peers.filter((peer) => peer.kind === kind).length > 1;
      const expected = specified.flatMap(([clients, servers]) =>
        clients.flatMap((client) =>
          Object.entries(servers).flatMap(([server, allowed]) =>
            client === server && !isReplicated(client) ? [] : allowed.map((port) => `${client} -> ${server}:${port}`),
          ),
        ),
      );
      expect([...new Set(open)].sort()).toEqual(expected.sort());
    });

    test("from the outside host to pods are closed", async () => {
      const isolated = found.peers.filter((peer) => isIsolated(found.rules, peer));
      const addressesOf = ({ address, listening }: Peer): string[] => listening.map((port) => `${address}:${port}`);
      const verdicts = (await outside?.connect(isolated.flatMap(addressesOf))) ?? new Map<string, Verdict>();
      const answering = isolated.filter((peer) =>
        addressesOf(peer).some((address) => verdicts.get(address) !== "closed"),
      );
      expect(isolated.length).toBeGreaterThan(found.rules.namespaces.length);
      expect(answering.map(({ name }) => name)).toEqual([]);
    });

    test("are closed from the moment a pod starts", async () => {
      const addresses = new Set(
        found.attempts.flatMap(({ target: { name, address } }) =>
          /postgresql.*port 5432|API server/.test(name) ? [address] : [],
        ),
      );
      expect(addresses.size).toBeGreaterThan(3);
      const started = { namespace: "nx-app", name: "flows-started", command: probeCommand([...addresses]) };
      await startClients({ ...started, ...under.client });
      expect(Object.fromEntries(parseVerdicts(await output(started)))).toEqual(
        Object.fromEntries([...addresses].map((address) => [address, "closed"])),
      );
    });
  });

  return { all: () => found };
}
