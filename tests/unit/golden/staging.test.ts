import { beforeAll, describe, expect, test } from "@jest/globals";
import { parseQuantity } from "../../../settings/quantity.ts";
import { planOf } from "./plan.ts";
import { describeStack } from "./stack.ts";
import { added, workloadsIn } from "./workloads.ts";
import type { Amounts, Workload } from "./workloads.ts";

describeStack("staging");

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
function amountsIn(name: string): Amounts {
  const row = rows.find((cells) => cells[1] === name);
  const cell = (column: number) => {
    const text = row?.[column] ?? "";
    const amount = text === "-" ? 0 : parseQuantity(text);
    if (amount === undefined) throw new Error(`the table has no amount in column ${String(column)} of ${name}`);
    return amount;
  };
  return {
    pods: cell(2),
    cpuRequest: cell(3),
    cpuLimit: cell(4),
    memoryRequest: cell(5),
    memoryLimit: cell(6),
    storage: cell(7),
  };
}

/** Cores have decimals that binary numbers have not. */
const rounded = ({ cpuRequest, cpuLimit, ...rest }: Amounts): Amounts => ({
  cpuRequest: Number(cpuRequest.toFixed(6)),
  cpuLimit: Number(cpuLimit.toFixed(6)),
  ...rest,
});

describe("the specification's resource summary", () => {
  const names = rows.map((cells) => cells[1] ?? "").filter((name) => name !== "Total");
  let serving: Workload[];
  let amounts: Record<string, Amounts>;

  beforeAll(async () => {
    serving = workloadsIn((await planOf("staging")).resources).filter(({ kind }) => kind !== "Job");
    amounts = Object.fromEntries(serving.map((workload) => [workload.name, rounded(workload.amounts)]));
  }, 60_000);

  test("has the program's workloads, all on the stateful pool", () => {
    expect(serving.map(({ name }) => name).sort()).toEqual([...names].sort());
    expect(serving.filter(({ nodeSelector }) => nodeSelector["node.kubernetes.io/pool"] !== "stateful")).toEqual([]);
  });

  test.each(names)("is right, cell by cell, about %s", (name) => {
    expect(amounts[name]).toEqual(amountsIn(name));
  });

  test("adds up as in its last line, but for the requests for memory: 7.625Gi where it says 7.67Gi", () => {
    const total = rounded(added(Object.values(amounts)));
    expect(total).toEqual({ ...amountsIn("Total"), memoryRequest: 7.625 * 2 ** 30 });
    expect(total).toEqual(rounded(added(names.map(amountsIn))));
  });
});
