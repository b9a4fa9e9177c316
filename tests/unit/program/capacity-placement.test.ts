import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Amounts } from "../../../components/capacity/amounts.ts";
import { nodesNeeded, withoutPlace, withoutPlaceDuringUpdate } from "../../../components/capacity/placement.ts";
import type { Unplaced } from "../../../components/capacity/placement.ts";
import type { Workload } from "../../../components/capacity/workload.ts";

const Gi = 2 ** 30;

const workload = (name: string, pods: number, requests: Amounts, other: Partial<Workload> = {}): Workload => ({
  ...{ namespace: "any", name, nodeSelector: {}, pods, storage: 0 },
  pod: { requests, limits: requests },
  ends: false,
  surge: 0,
  apart: false,
  ...other,
});

const size = { cpu: 4, memory: 8 * Gi };

const named = (unplaced: readonly Unplaced[]) =>
  Object.fromEntries(unplaced.map(({ workload: { name }, pods }) => [name, pods]));

describe("pods that run all the time", () => {
  test("fill nodes to the last millicore", () => {
    const small = workload("small", 40, { cpu: 0.1, memory: 0 });
    expect(withoutPlace([small], { count: 1, size })).toEqual([]);
    expect(named(withoutPlace([{ ...small, pods: 41 }], { count: 1, size }))).toEqual({ small: 1 });
  });

  test("need CPU and memory on the same node, not in sum over nodes", () => {
    const cpu = workload("cpu", 2, { cpu: 3, memory: Gi });
    const both = workload("both", 1, { cpu: 1.5, memory: 2 * Gi });
    expect(named(withoutPlace([cpu, both], { count: 2, size }))).toEqual({ both: 1 });
    expect(withoutPlace([cpu, both], { count: 3, size })).toEqual([]);
  });

  test("are placed the largest first, in whatever order they are given", () => {
    const [half, third] = [workload("half", 2, { cpu: 2, memory: 0 }), workload("third", 3, { cpu: 1.3, memory: 0 })];
    for (const workloads of [
      [half, third],
      [third, half],
    ]) {
      expect(withoutPlace(workloads, { count: 2, size })).toEqual([]);
    }
  });

  test("that need a node each have as many as there are nodes", () => {
    const servers = workload("servers", 3, { cpu: 0.1, memory: 0 }, { apart: true });
    expect(named(withoutPlace([servers], { count: 2, size }))).toEqual({ servers: 1 });
    expect(withoutPlace([servers], { count: 3, size })).toEqual([]);
  });

  test("of two workloads that need a node each share nodes", () => {
    const servers = (name: string) => workload(name, 3, { cpu: 0.1, memory: 0 }, { apart: true });
    expect(withoutPlace([servers("a"), servers("b")], { count: 3, size })).toEqual([]);
  });

  test("that need a node each come first, so that others do not fill their nodes", () => {
    const servers = workload("servers", 3, { cpu: 1, memory: 0 }, { apart: true });
    const large = workload("large", 3, { cpu: 2, memory: 0 });
    expect(withoutPlace([large, servers], { count: 3, size })).toEqual([]);
  });

  test("do not include Jobs and stopped pods", () => {
    const job = workload("job", 1, { cpu: 5, memory: 0 }, { ends: true });
    const stopped = workload("stopped", 0, { cpu: 5, memory: 0 });
    expect(withoutPlace([job, stopped], { count: 1, size })).toEqual([]);
  });

  test("smaller ones have a place although a larger one has none", () => {
    const [large, small] = [workload("large", 1, { cpu: 5, memory: 0 }), workload("small", 1, { cpu: 1, memory: 0 })];
    expect(named(withoutPlace([large, small], { count: 1, size }))).toEqual({ large: 1 });
  });
});

describe("during an update", () => {
  const running = workload("running", 1, { cpu: 3, memory: 0 });

  test("Jobs need a place one after the other", () => {
    const job = (name: string, cpu: number) => workload(name, 1, { cpu, memory: 0 }, { ends: true });
    const jobs = [job("a", 1), job("b", 1), job("c", 1.1)];
    expect(named(withoutPlaceDuringUpdate([running, ...jobs], { count: 1, size }))).toEqual({ c: 1 });
  });

  test("a pod that starts before an old one stops needs a place", () => {
    const rolling = workload("rolling", 1, { cpu: 0.6, memory: 0 }, { surge: 1 });
    expect(withoutPlace([running, rolling], { count: 1, size })).toEqual([]);
    expect(named(withoutPlaceDuringUpdate([running, rolling], { count: 1, size }))).toEqual({ rolling: 1 });
    expect(withoutPlaceDuringUpdate([running, { ...rolling, pods: 0 }], { count: 1, size })).toEqual([]);
  });
});

describe("the number of nodes needed", () => {
  test("is undefined if a pod is larger than a node", () => {
    expect(nodesNeeded([workload("large", 1, { cpu: 1, memory: 9 * Gi })], size)).toBeUndefined();
  });

  test("counts pods that start before old ones stop", () => {
    const rolling = workload("rolling", 1, { cpu: 3, memory: 0 }, { surge: 1 });
    expect(nodesNeeded([rolling], size)).toBe(2);
  });

  test("is enough, not one less, and not below what all pods request together", () => {
    const workloads = fc.array(
      fc
        .record({
          pods: fc.integer({ min: 1, max: 5 }),
          millicores: fc.integer({ min: 1, max: 4000 }),
          mebibytes: fc.integer({ min: 1, max: 8192 }),
          apart: fc.boolean(),
        })
        .map(({ pods, millicores, mebibytes, apart }) =>
          workload("any", pods, { cpu: millicores / 1000, memory: mebibytes * 2 ** 20 }, { apart }),
        ),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(workloads, (given) => {
        const needed = nodesNeeded(given, size) ?? NaN;
        expect(withoutPlace(given, { count: needed, size })).toEqual([]);
        expect(withoutPlace(given, { count: needed - 1, size })).not.toEqual([]);
        for (const resource of ["cpu", "memory"] as const) {
          const sum = given.reduce((all, { pods, pod }) => all + pods * pod.requests[resource], 0);
          expect(needed * size[resource]).toBeGreaterThanOrEqual(sum - 1e-6);
        }
        expect(needed).toBeGreaterThanOrEqual(Math.max(...given.map(({ apart, pods }) => (apart ? pods : 0))));
      }),
    );
  });
});
