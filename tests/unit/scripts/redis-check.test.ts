import { describe, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import path from "node:path";

const script = path.resolve(import.meta.dirname, "../../../components/redis/check.awk");
const host = (n: number) => `nx-redis-${String(n)}.headless`;
const slots = ["0-5461", "5462-10923", "10924-16383"];

interface Seen {
  readonly id?: string;
  readonly flags?: string;
  readonly master?: string;
  readonly slots?: string;
}

const view = (n: number, { id, flags = "master", master = "-", slots: held = "" }: Seen = {}) =>
  `view ${id ?? `id${String(n)}`} 10.0.0.${String(n)}:6379@16379,${host(n)} ${flags} ${master} 0 0 1 connected ${held}`;
const master = (n: number) => view(n, { slots: slots[n] });
const failing = (n: number) => view(n, { id: `old${String(n)}`, flags: "master,fail", slots: slots[n] });

/** What the check prints about a cluster of these nodes. */
function check(replicas: number, views: readonly string[], state = "ok"): string[] {
  const names = Array.from({ length: 3 * (1 + replicas) }, (_, n) => `resolves ${host(n)} 10.0.0.${String(n)}`);
  const assigned = views.some((line) => line.includes("0-5461")) ? "16384" : "0";
  const input = [...names, `info cluster_state ${state}`, `info cluster_slots_assigned ${assigned}`, ...views];
  const variables = ["-v", "masters=3", "-v", `replicas=${String(replicas)}`];
  const { status, stdout, stderr } = spawnSync("awk", [...variables, "-f", script], {
    input: `${input.join("\n")}\n`,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  const problems = stdout.split("\n").filter((line) => line !== "");
  expect(status).toBe(problems.length > 0 ? 1 : 0);
  return problems;
}

const three = [0, 1, 2].map(master);
const matching = (...patterns: RegExp[]) => patterns.map((pattern) => expect.stringMatching(pattern) as unknown);

describe("Redis's check", () => {
  test("finds nothing wrong with the declared cluster", () => {
    expect(check(0, three)).toEqual([]);
    const replicas = [3, 4, 5].map((n) => view(n, { flags: "slave", master: `id${String(n - 3)}` }));
    expect(check(1, [...three, ...replicas])).toEqual([]);
  });

  test("says how many slots are not served, and that their node lost its volume", () => {
    expect(check(0, [...three.slice(0, 2), failing(2), view(2)])).toEqual(
      matching(
        /^CLUSTERDOWN: 5460 of 16384 slots are not served/,
        /^nx-redis-2 lost its volume and came back without data: it is being given its slots back, which are empty/,
      ),
    );
  });

  test("tells a node that is down from one that lost its volume", () => {
    expect(check(0, [...three.slice(0, 2), failing(2)])).toEqual(
      matching(/^CLUSTERDOWN: 5460 of 16384/, /^nx-redis-2 does not answer\. See why: npm run kubectl -- describe pod/),
    );
  });

  test("finds a node without slots, a missing replica, and a replica that was lost", () => {
    expect(check(0, [...three.slice(0, 2), view(2)])).toEqual(
      matching(/^CLUSTERDOWN: 5460/, /^nx-redis-2 has no slots and is no replica/),
    );
    const replica = (n: number, of: number) => view(n, { flags: "slave", master: `id${String(of)}` });
    expect(check(1, [...three, replica(3, 0), replica(4, 1), replica(5, 1)])).toEqual(
      matching(/^nx-redis-2 has 0 of 1 replicas/),
    );
    const lost = view(5, { id: "old5", flags: "slave,fail", master: "id2" });
    expect(check(1, [...three, replica(3, 0), replica(4, 1), lost, view(5)])).toEqual(
      matching(/^nx-redis-5 lost its volume and came back without data: it is being made a replica/),
    );
  });

  test("finds a cluster without a majority, and one that was never formed", () => {
    expect(check(0, [master(0), failing(1), failing(2)], "fail")[0]).toMatch(
      /^CLUSTERDOWN: this node reaches no majority/,
    );
    expect(check(0, [view(0), view(1), view(2)], "fail")).toEqual(matching(/^CLUSTERDOWN: no node holds any slot/));
  });
});
