import { describe, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import path from "node:path";
import fc from "fast-check";

const planner = path.resolve(import.meta.dirname, "../../../components/redis/plan-cluster.awk");

/** A node as the others see it. */
interface Node {
  readonly id: string;
  readonly host: string;
  readonly ip: string;
  readonly machine: string;
  readonly slots: string;
  /** Id of its master. */
  readonly master?: string;
  readonly link?: string;
  /** Seconds since a replica lost its master. */
  readonly down?: number;
  /** What a replica has received from its master. */
  readonly offset?: number;
  readonly state?: string;
  /** Ids of the nodes that it knows; all by default. */
  readonly knows?: readonly string[];
}

const hostOf = (n: number) => `nx-redis-${String(n)}.headless`;
const node = (n: number, own: Partial<Node> = {}): Node => ({
  id: `id${String(n)}`,
  host: hostOf(n),
  ip: `10.0.0.${String(n)}`,
  machine: `machine${String(n)}`,
  slots: "",
  ...own,
});

/** A node's line in an answer to CLUSTER NODES. */
function line(seen: Node, myself: boolean, flags = seen.master === undefined ? "master" : "slave", link = "connected") {
  const own = myself ? `myself,${flags}` : flags;
  return `view ${seen.id} ${seen.ip}:6379@16379,${seen.host} ${own} ${seen.master ?? "-"} 0 0 1 ${link} ${seen.slots}`;
}

/** Runs the planner on its input. */
function planOf(masters: number, replicas: number, input: readonly string[]): string[] {
  const values = { masters, replicas, port: 6379 };
  const variables = Object.entries(values).flatMap(([name, value]) => ["-v", `${name}=${String(value)}`]);
  const { status, stdout, stderr } = spawnSync("awk", [...variables, "-f", planner], {
    input: `${input.join("\n")}\n`,
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.trimEnd().split("\n");
}

/** Runs the planner for these nodes; `others` are additional lines of every view. */
function plan(masters: number, replicas: number, nodes: readonly Node[], others: readonly string[] = []): string[] {
  const input = nodes.flatMap((one) => [
    `node ${one.host} ${one.ip} ${one.machine} ${one.state ?? "ok"} ${one.link ?? (one.master ? "up" : "-")} ` +
      `${String(one.down ?? "-")} ${String(one.offset ?? "-")}`,
    ...nodes
      .filter((seen) => seen === one || (one.knows?.includes(seen.id) ?? true))
      .map((seen) => line(seen, seen === one)),
    ...others,
  ]);
  return planOf(masters, replicas, input);
}

const thirds = ["0-5461", "5462-10923", "10924-16383"];
const three = thirds.map((slots, n) => node(n, { slots }));
const unacquainted = { knows: [] };

describe("the plan for the cluster", () => {
  test("assigns all slots to new nodes before it introduces them", () => {
    expect(plan(3, 0, [node(0, unacquainted), node(1, unacquainted), node(2, unacquainted)])).toEqual([
      "run 0 cluster addslotsrange 0 5461",
      "run 1 cluster addslotsrange 5462 10923",
      "run 2 cluster addslotsrange 10924 16383",
    ]);
    expect(
      plan(
        3,
        0,
        three.map((one) => ({ ...one, ...unacquainted })),
      ),
    ).toEqual([
      "run 0 cluster meet 10.0.0.1 6379",
      "run 0 cluster meet 10.0.0.2 6379",
      "run 1 cluster meet 10.0.0.2 6379",
    ]);
  });

  test("takes the masters from different zones", () => {
    const zones = ["a", "a", "a", "b", "b", "b", "c", "c", "c"];
    const nodes = zones.map((zone, n) => node(n, { ...unacquainted, machine: `${zone}/machine${String(n)}` }));
    expect(plan(3, 2, nodes).map((step) => step.replace(/ addslotsrange.*/, ""))).toEqual([
      "run 0 cluster",
      "run 3 cluster",
      "run 6 cluster",
    ]);
  });

  test("is `done` if everything is as declared", () => {
    expect(plan(3, 0, three)).toEqual(["done"]);
  });

  test("continues after an interruption while it assigned slots", () => {
    const [first, ...rest] = [node(0, { slots: "0-5461" }), node(1), node(2)];
    expect(plan(3, 0, [first ?? node(0), ...rest])).toEqual(["run 1 cluster addslotsrange 5462 10922"]);
  });

  test("assigns slots in an existing cluster to one node at a time: a step of an older plan is refused", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 16383 }), fc.integer({ min: 2, max: 5 }), (last, empty) => {
        const nodes = [node(0, { slots: `0-${String(last)}` })];
        for (let n = 1; n <= empty; n++) nodes.push(node(n));
        const taken = new Set<number>();
        for (let n = 1; n <= empty && last + empty <= 16383; n++) {
          const [step, ...more] = plan(empty + 1, 0, nodes);
          expect(more).toEqual([]);
          const [, to, from = "", end = ""] = /^run (\d+) cluster addslotsrange (\d+) (\d+)$/.exec(step ?? "") ?? [];
          expect(to).toBe(String(n));
          for (let slot = Number(from); slot <= Number(end); slot++) {
            expect(taken.has(slot)).toBe(false);
            taken.add(slot);
          }
          nodes[n] = node(n, { slots: `${from}-${end}` });
        }
        if (last + empty <= 16383) expect(taken.size).toBe(16383 - last);
      }),
      { numRuns: 10 },
    );
  });

  test("waits while nodes disagree", () => {
    const late = { ...node(2), knows: ["id0"] };
    expect(
      plan(
        3,
        0,
        [node(0), node(1), late].map((one, n) => ({ ...one, slots: thirds[n] ?? "" })),
      ),
    ).toEqual([`wait ${hostOf(2)} does not know ${hostOf(1)}`]);
  });

  test("waits for a node that does not answer", () => {
    const [one, two, third] = three;
    const seen = line(third ?? node(2), false, "master,fail", "disconnected");
    const silent = [one, two].flatMap((each) => [
      `node ${each?.host ?? ""} ${each?.ip ?? ""} m fail -`,
      ...[one, two].map((other) => line(other ?? node(0), other === each)),
      seen,
    ]);
    for (const last of [`node ${hostOf(2)} - - - -`, `node ${hostOf(2)} 10.0.0.2 m fail -`]) {
      expect(planOf(3, 0, [...silent, last])).toEqual([`wait ${hostOf(2)} does not answer`]);
    }
  });

  test("waits until the cluster is available", () => {
    expect(plan(3, 0, [...three.slice(0, 2), { ...(three[2] ?? node(2)), state: "fail" }])).toEqual([
      `wait for ${hostOf(2)} the cluster is in state fail`,
    ]);
  });

  test("introduces a node again whose address changed while it was down", () => {
    const moved = { ...(three[2] ?? node(2)), ip: "10.0.0.9" };
    const seen = line(three[2] ?? node(2), false, "master,fail", "disconnected");
    const views = three
      .slice(0, 2)
      .flatMap((one) => [
        `node ${one.host} ${one.ip} ${one.machine} fail -`,
        ...three.slice(0, 2).map((other) => line(other, other === one)),
        seen,
      ]);
    const input = [
      ...views,
      `node ${moved.host} ${moved.ip} m ok -`,
      ...three.slice(0, 2).map((o) => line(o, false)),
      line(moved, true),
    ];
    expect(planOf(3, 0, input)).toEqual(["run 0 cluster meet 10.0.0.9 6379", "run 1 cluster meet 10.0.0.9 6379"]);
  });

  test("has all nodes forget a node whose pod came back without its volume", () => {
    const gone = line(node(2, { id: "old", slots: "10924-16383" }), false, "master,fail", "disconnected");
    const forget = plan(3, 0, [...three.slice(0, 2), node(2)], [gone]);
    expect(forget).toEqual([0, 1, 2].map((n) => `run ${String(n)} cluster forget old`));
    expect(plan(3, 0, [...three.slice(0, 2), node(2)])).toEqual(["run 2 cluster addslotsrange 10924 16383"]);
  });

  test("has nodes forget two at once, and gives both successors slots", () => {
    const gone = [1, 2].map((n) =>
      line(node(n, { id: `old${String(n)}`, slots: thirds[n] ?? "" }), false, "master,fail?", "disconnected"),
    );
    const here = [node(0, { slots: thirds[0] ?? "", state: "fail" }), node(1), node(2)];
    expect(plan(3, 0, here, gone).sort()).toEqual(
      [0, 1, 2].flatMap((n) => [1, 2].map((old) => `run ${String(n)} cluster forget old${String(old)}`)),
    );
    expect(plan(3, 0, here)).toEqual(["run 1 cluster addslotsrange 5462 10922"]);
  });

  describe("for a replica whose master came back without its volume", () => {
    const gone = line(node(2, { id: "old", slots: thirds[2] ?? "" }), false, "master,fail?", "disconnected");
    const replicas = (down: number): Node[] => [
      node(3, { master: "id0" }),
      node(4, { master: "id1" }),
      node(5, { master: "old", link: "down", down, offset: 700 }),
      ...[6, 7].map((n) => node(n, { master: `id${String(n - 6)}` })),
      node(8, { master: "old", link: "down", down, offset: 900 }),
    ];
    const here = (down: number): Node[] => [...three.slice(0, 2), node(2), ...replicas(down)];

    test("waits for the replicas' election", () => {
      expect(plan(3, 2, here(5), [gone])).toEqual([
        `wait ${hostOf(8)} has not taken over from its master old (${hostOf(2)}), which is gone`,
      ]);
    });

    test.each([30, -1])("has the replica with the newest data take over if there was none (%i)", (down) => {
      expect(plan(3, 2, here(down), [gone])).toEqual(["run 8 cluster failover takeover"]);
    });

    test("makes the empty node a replica afterwards", () => {
      const after = [...here(30).slice(0, 5), node(5, { master: "id8" }), ...here(30).slice(6, 8)];
      expect(plan(3, 2, [...after, node(8, { slots: thirds[2] ?? "" })])).toEqual(["run 2 cluster replicate id8"]);
    });
  });

  test("has no node forget a node that may come back with data", () => {
    const away = line(node(7, { slots: "5462-10923" }), false, "master,fail", "disconnected");
    const here = [node(0, { slots: thirds[0] ?? "" }), node(1), node(2, { slots: thirds[2] ?? "" })];
    expect(plan(3, 0, here, [away])).toEqual([
      expect.stringMatching(/^refuse the node id7 \(nx-redis-7.headless\) holds slots, does not answer/),
    ]);
  });

  test("does not join nodes that hold the same slots", () => {
    const twice = [...three.slice(0, 2), node(2, { slots: "0-100 10924-16383" })].map((one) => ({
      ...one,
      ...unacquainted,
    }));
    expect(plan(3, 0, twice)).toEqual([
      expect.stringMatching(/^refuse .* both hold slot 0 and do not know each other/),
    ]);
  });

  test("has redis-cli finish a migration that was interrupted", () => {
    const open = three.map((one, n) => (n === 1 ? { ...one, slots: `${one.slots} [5462->-id0]` } : one));
    expect(plan(3, 0, open)).toEqual(["fix 10.0.0.0:6379"]);
  });

  test("has redis-cli move slots to a new master, and to one that has too few", () => {
    expect(plan(4, 0, [...three, node(3)])).toEqual(["rebalance 10.0.0.0:6379"]);
    const halfway = [node(0, { slots: "3000-5461" }), ...three.slice(1), node(3, { slots: "0-2999" })];
    expect(plan(4, 0, halfway)).toEqual(["rebalance 10.0.0.0:6379"]);
  });

  test("empties no node", () => {
    const six = Array.from({ length: 6 }, (_, n) => node(n, { slots: `${String(n * 100)}-${String(n * 100 + 99)}` }));
    expect(plan(3, 1, six)).toEqual([expect.stringMatching(/^refuse 6 nodes hold slots and only 3 masters/)]);
  });

  test("waits for a replica that does not have its master's data yet", () => {
    const replica = node(3, { master: "id0", link: "down" });
    expect(plan(3, 1, [...three, replica, node(4, { master: "id1" }), node(5, { master: "id2" })])).toEqual([
      `wait the replica ${hostOf(3)} does not have its master's data yet`,
    ]);
  });

  test("keeps replicas where failovers moved them, as long as each master has its own", () => {
    const turned = [
      node(0, { master: "id4" }),
      node(1, { slots: thirds[0] ?? "" }),
      node(2, { slots: thirds[1] ?? "" }),
      node(3, { master: "id1" }),
      node(4, { slots: thirds[2] ?? "" }),
      node(5, { master: "id2" }),
    ];
    expect(plan(3, 1, turned)).toEqual(["done"]);
  });
});

/** Plans masters 0..masters-1, which have slots, and further nodes as replicas, on the given machines. */
function placed(masters: number, replicas: number, machines: readonly (number | string)[]): Map<number, number> {
  const share = Math.floor(16384 / masters);
  const nodes = machines.map((machine, n) => {
    const end = n === masters - 1 ? 16383 : (n + 1) * share - 1;
    return node(n, { machine: `m${String(machine)}`, slots: n < masters ? `${String(n * share)}-${String(end)}` : "" });
  });
  return new Map(
    plan(masters, replicas, nodes).map((order) => {
      const match = /^run (\d+) cluster replicate id(\d+)$/.exec(order);
      expect(match).not.toBeNull();
      return [Number(match?.[1]), Number(match?.[2])];
    }),
  );
}

describe("replicas", () => {
  test("share no machine with their master or each other if three machines allow it", () => {
    const machines = [0, 1, 2, 0, 1, 2, 0, 1, 2];
    const masterOf = placed(3, 2, machines);
    for (const master of [0, 1, 2]) {
      const group = [master, ...[...masterOf].filter(([, of]) => of === master).map(([n]) => n)];
      expect(new Set(group.map((n) => machines[n])).size).toBe(3);
    }
  });

  test.each([
    ["all masters are in one zone", ["a", "a", "a", "b", "b", "b", "c", "c", "c"]],
    ["each master is in another zone", ["a", "b", "c", "c", "c", "b", "b", "a", "a"]],
  ])("share no zone with their master or each other if three zones allow it, and %s", (_, zones) => {
    const masterOf = placed(
      3,
      2,
      zones.map((zone, n) => `${zone}/machine${String(n)}`),
    );
    for (const master of [0, 1, 2]) {
      const group = [master, ...[...masterOf].filter(([, of]) => of === master).map(([n]) => n)];
      expect(group.map((n) => zones[n]).sort()).toEqual(["a", "b", "c"]);
    }
  });

  test("rather share a zone with their master than a machine", () => {
    const masterOf = placed(3, 1, ["a/1", "a/2", "a/3", "a/1", "a/2", "a/3"]);
    for (const [n, master] of masterOf) expect(n - 3).not.toBe(master);
  });

  test("ignore zones that are not known", () => {
    expect(placed(3, 1, ["/1", "/2", "/3", "/1", "/2", "/3"])).toEqual(placed(3, 1, [1, 2, 3, 1, 2, 3]));
  });

  test("are equally many for each master, and on other machines than its own if possible", () => {
    const arbitraryMachines = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(arbitraryMachines, (machines) => {
        const masterOf = placed(3, 1, machines);
        expect([...masterOf.values()].sort()).toEqual([0, 1, 2]);
        const together = [...masterOf].filter(([n, master]) => machines[n] === machines[master]).length;
        const permutations = [
          [0, 1, 2],
          [0, 2, 1],
          [1, 0, 2],
          [1, 2, 0],
          [2, 0, 1],
          [2, 1, 0],
        ];
        const least = Math.min(
          ...permutations.map((order) => order.filter((master, i) => machines[3 + i] === machines[master]).length),
        );
        expect(together).toBe(least);
      }),
      { numRuns: 60 },
    );
  });

  test("never become masters: missing masters must be new nodes", () => {
    const replicas = [3, 4, 5].map((n) => node(n, { master: `id${String(n - 3)}` }));
    expect(plan(6, 0, [...three, ...replicas])).toEqual([
      expect.stringMatching(/^refuse 6 masters are declared, 3 are available/),
    ]);
  });
});
