import { expect, test } from "@jest/globals";
import { planOf } from "./plan.ts";
import { describeStack } from "./stack.ts";
import { workloadsIn } from "./workloads.ts";

describeStack("local");

test("stack local fits a machine with 2 cores and 8 GiB, with all its Jobs at once and room for the cluster itself", async () => {
  const workloads = workloadsIn((await planOf("local")).resources);
  const total = (resource: "cpu" | "memory") => workloads.reduce((sum, { setAside }) => sum + setAside[resource], 0);
  expect(total("cpu")).toBeLessThanOrEqual(1.5);
  expect(total("memory")).toBeLessThanOrEqual(6 * 2 ** 30);
}, 60_000);
