import { expect, test } from "@jest/globals";
import { total } from "../../../components/capacity/amounts.ts";
import { sumOf } from "../../../components/capacity/summary.ts";
import { workloadsOf } from "../../../components/capacity/workloads.ts";
import { planOf } from "./plan.ts";
import { describeStack } from "./stack.ts";

describeStack("local");

test("stack local fits a machine with 2 cores and 8 GiB, with all its Jobs at once and room for the cluster itself", async () => {
  const workloads = workloadsOf((await planOf("local")).resources);
  const requests = total(workloads.map((workload) => sumOf(workload).requests));
  expect(requests.cpu).toBeLessThanOrEqual(1.5);
  expect(requests.memory).toBeLessThanOrEqual(6 * 2 ** 30);
}, 60_000);
