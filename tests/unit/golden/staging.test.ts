import { beforeAll, describe, expect, test } from "@jest/globals";
import { amountOf } from "../../../components/capacity/amounts.ts";
import { added, sumOf } from "../../../components/capacity/summary.ts";
import type { Sum } from "../../../components/capacity/summary.ts";
import type { Workload } from "../../../components/capacity/workload.ts";
import { workloadsOf } from "../../../components/capacity/workloads.ts";
import { describeCapacity } from "./capacity.ts";
import { planOf } from "./plan.ts";
import { describeStack } from "./stack.ts";

describeStack("staging");
describeCapacity("staging");

/** The specification's "Resource Summary", as it stands there, but for the names of the workloads. */
const specified = `
| Workload              | Pods | CPU req | CPU lim | Mem req | Mem lim | Storage |
|-----------------------|------|---------|---------|---------|---------|---------|
| nx-postgresql-primary | 1    | 500m    | 2       | 1Gi     | 4Gi     | 20Gi    |
| nx-postgresql-replica | 1    | 250m    | 1       | 512Mi   | 2Gi     | 20Gi    |
| nx-pgbouncer          | 1    | 100m    | 500m    | 256Mi   | 512Mi   | -       |
| nx-redis              | 3    | 300m    | 3       | 1.125Gi | 1.5Gi   | 15Gi    |
| nx-kafka              | 3    | 1.5     | 4.5     | 3.75Gi  | 6Gi     | 30Gi    |
| nx-typesense          | 1    | 200m    | 1       | 512Mi   | 2Gi     | 5Gi     |
| nx-debezium           | 1    | 250m    | 1       | 512Mi   | 2Gi     | -       |
| Total                 | 11   | 3.1     | 13      | 7.67Gi  | 18Gi    | 90Gi    |
`;

const rows = specified
  .trim()
  .split("\n")
  .slice(2)
  .map((line) => line.split("|").map((cell) => cell.trim()));

/** The amounts of a line of the table. */
function amountsIn(name: string): Sum {
  const row = rows.find((cells) => cells[1] === name);
  const cell = (column: number) => {
    const text = row?.[column];
    return text === "-" ? 0 : amountOf(text ?? "");
  };
  return {
    pods: cell(2),
    requests: { cpu: cell(3), memory: cell(5) },
    limits: { cpu: cell(4), memory: cell(6) },
    storage: cell(7),
  };
}

describe("the specification's resource summary", () => {
  const names = rows.map((cells) => cells[1] ?? "").filter((name) => name !== "Total");
  let running: readonly Workload[];
  let amounts: Record<string, Sum>;

  beforeAll(async () => {
    running = workloadsOf((await planOf("staging")).resources).filter(({ ends }) => !ends);
    amounts = Object.fromEntries(running.map((workload) => [workload.name, sumOf(workload)]));
  }, 60_000);

  test("has the program's workloads, all on the stateful pool", () => {
    expect(running.map(({ name }) => name).sort()).toEqual([...names].sort());
    expect(running.filter(({ nodeSelector }) => nodeSelector["node.kubernetes.io/pool"] !== "stateful")).toEqual([]);
  });

  test.each(names)("is right, cell by cell, about %s", (name) => {
    expect(amounts[name]).toEqual(amountsIn(name));
  });

  test("adds up as in its last line, but for the requests for memory: 7.625Gi where it says 7.67Gi", () => {
    const sum = added(Object.values(amounts));
    const specifiedSum = amountsIn("Total");
    expect(sum).toEqual({ ...specifiedSum, requests: { ...specifiedSum.requests, memory: 7.625 * 2 ** 30 } });
    expect(sum).toEqual(added(names.map(amountsIn)));
  });
});
