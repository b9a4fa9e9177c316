import { describe, expect, test } from "@jest/globals";
import { capacityFindings } from "../../../components/capacity/findings.ts";
import { podAmounts } from "../../../components/capacity/pod-amounts.ts";
import { poolsOf } from "../../../components/capacity/pools.ts";
import type { Workload } from "../../../components/capacity/workload.ts";
import { InvalidSettings, readSettings } from "../../../settings.ts";

const read = (nodePools: object) =>
  readSettings("layer", { "layer:cluster": '{"context":"any"}', "layer:nodePools": JSON.stringify(nodePools) })
    .nodePools;

const stateful = { "node.kubernetes.io/pool": "stateful" };

const workload = (
  name: string,
  pods: number,
  cpu: string,
  memory: string,
  other: Partial<Workload> = {},
): Workload => ({
  ...{ namespace: "any", name, nodeSelector: stateful, pods, storage: 0 },
  pod: podAmounts({ containers: [{ resources: { requests: { cpu, memory } } }] }),
  ends: false,
  surge: 0,
  apart: false,
  ...other,
});

const findings = (workloads: readonly Workload[], nodePools: object) =>
  capacityFindings("layer", poolsOf(workloads, read(nodePools)));

const brokers = workload("nx-kafka", 3, "1", "2Gi");

describe("declared nodes", () => {
  test("that are too few are a problem with the number of nodes that would do", () => {
    const servers = workload("nx-postgresql", 3, "500m", "1Gi", { apart: true });
    expect(findings([brokers, servers], { stateful: { nodes: { count: 1, cpu: 2, memory: "8Gi" } } })).toEqual({
      problems: [
        'layer:nodePools.stateful.nodes: {"count":1,"cpu":"2","memory":"8Gi"} has no place for 2 of nx-postgresql, whose pods ' +
          "need a node each; 2 of nx-kafka. All pods that run there request 4.5 CPU and 9Gi. Add nodes, then fix it with " +
          "`pulumi config set --path layer:nodePools.stateful.nodes.count 3`; or lower requests",
      ],
      warnings: [],
    });
  });

  test("that are smaller than a pod are a problem with the size that would do", () => {
    const { problems } = findings([brokers], { stateful: { nodes: { count: 9, cpu: "500m", memory: "1Gi" } } });
    expect(problems).toEqual([
      'layer:nodePools.stateful.nodes: {"count":9,"cpu":"500m","memory":"1Gi"} has no place for 3 of nx-kafka. All pods that ' +
        "run there request 3 CPU and 6Gi. A pod of nx-kafka requests more than a node has: use larger nodes, at least " +
        "`pulumi config set --path layer:nodePools.stateful.nodes.cpu 1` and " +
        "`pulumi config set --path layer:nodePools.stateful.nodes.memory 2048Mi`; or lower requests",
    ]);
  });

  test("that have no place for a Job are a problem", () => {
    const job = workload("nx-kafka-topics", 1, "1", "3Gi", { ends: true });
    const { problems } = findings([brokers, job], { stateful: { nodes: { count: 2, cpu: 2, memory: "4Gi" } } });
    expect(problems).toEqual([expect.stringContaining("has no place for Job nx-kafka-topics.")]);
  });

  test("that have no place for the pod that an update starts first are a problem", () => {
    const pooler = workload("nx-pgbouncer", 1, "600m", "64Mi", { surge: 1 });
    const { problems } = findings([pooler], { stateful: { nodes: { count: 1, cpu: 1, memory: "1Gi" } } });
    expect(problems).toEqual([
      expect.stringContaining(
        "has no place for one more of nx-pgbouncer, which an update starts before it stops an old one.",
      ),
    ]);
  });

  test("that have no room for the loss of one are a warning with the pods that would wait", () => {
    expect(findings([brokers], { stateful: { nodes: { count: 2, cpu: 2, memory: "4Gi" } } })).toEqual({
      problems: [],
      warnings: [
        'layer:nodePools.stateful.nodes: {"count":2,"cpu":"2","memory":"4Gi"} has a place for all pods only while no node is ' +
          "down. Without one, these would wait for it: 1 of nx-kafka. With 3 nodes, all pods would have a place",
      ],
    });
  });

  test("that have a place for all pods with one node less are no finding", () => {
    const nodes = { count: 3, cpu: 2, memory: "4Gi" };
    expect(findings([brokers], { stateful: { nodes } })).toEqual({ problems: [], warnings: [] });
  });

  test("of one pool do not count the pods of the other", () => {
    const nodes = { count: 1, cpu: 1, memory: "1Gi" };
    expect(findings([brokers], { default: { nodes } })).toEqual({ problems: [], warnings: [] });
  });

  test("of pools with the same labels count the pods of both", () => {
    const nodes = { count: 1, cpu: 2, memory: "8Gi" };
    const { problems } = findings([brokers], { stateful: {}, default: { nodeSelector: stateful, nodes } });
    expect(problems).toEqual([
      expect.stringMatching(/^layer:nodePools\.default\.nodes: .* has no place for 1 of nx-kafka\./),
    ]);
  });
});

test("without declared nodes there is no finding", () => {
  expect(findings([brokers], {})).toEqual({ problems: [], warnings: [] });
});

describe("wrong settings", () => {
  const problemsOf = (nodePools: object): readonly string[] => {
    try {
      read(nodePools);
    } catch (error) {
      if (error instanceof InvalidSettings) return error.problems;
      throw error;
    }
    return [];
  };

  test("need number, CPU and memory", () => {
    expect(problemsOf({ stateful: { nodes: { count: 3 } } })).toEqual([
      "layer:nodePools.stateful.nodes.cpu: a value is required. Set it with `pulumi config set --path layer:nodePools.stateful.nodes.cpu 3500m`",
      "layer:nodePools.stateful.nodes.memory: a value is required. Set it with `pulumi config set --path layer:nodePools.stateful.nodes.memory 14Gi`",
    ]);
  });

  test("have a number and quantities", () => {
    expect(problemsOf({ default: { nodes: { count: 0, cpu: "3 cores", memory: "14GB" } } })).toEqual([
      expect.stringMatching(/^layer:nodePools\.default\.nodes\.count: 0 is below the minimum of 1\./),
      expect.stringMatching(/^layer:nodePools\.default\.nodes\.cpu: "3 cores" is not a Kubernetes quantity/),
      expect.stringMatching(
        /^layer:nodePools\.default\.nodes\.memory: "14GB" is not a Kubernetes quantity \(did you mean 14Gi\?\)/,
      ),
    ]);
  });

  test("cannot declare the same nodes twice", () => {
    const nodes = { count: 3, cpu: 4, memory: "8Gi" };
    const pools = { stateful: { nodeSelector: {}, nodes }, default: { nodeSelector: {}, nodes } };
    expect(problemsOf(pools)).toEqual([
      expect.stringMatching(
        /^layer:nodePools\.default\.nodes: .* are the nodes of nodePools\.stateful, .* Remove it with `pulumi config rm --path layer:nodePools\.default\.nodes`$/,
      ),
    ]);
    expect(problemsOf({ ...pools, default: { nodes } })).toEqual([]);
  });
});
