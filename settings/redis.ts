import * as z from "zod";
import { count, quantity, redisSize } from "./fields.ts";
import { passwordVersion } from "./passwords.ts";
import { parseQuantity, redisBytes } from "./quantity.ts";
import { resources } from "./resources.ts";

/** Part of a pod's memory that data may take; the rest is for the copy while the append-only file is rewritten, and for clients. */
const share = 0.75;

export const redis = z
  .strictObject({
    masters: count(3, 100)
      .describe("Nodes that share the keys. More may be had at any time: keys move to them online; fewer may not")
      .default(3),
    replicasPerMaster: count(0, 5)
      .describe(
        "Copies of each master, on other machines where there are enough; with none, its keys are away while it is",
      )
      .default(0),
    storage: quantity().describe("Size of each volume; may grow, never shrink").default("5Gi"),
    maxmemory: redisSize()
      .describe("`maxmemory` of each node, at most three quarters of its memory limit; beyond it writes are refused")
      .default("256mb"),
    resources: resources({ cpu: "100m", memory: "384Mi" }, { cpu: "1", memory: "512Mi" }).describe(
      "Resources of a pod",
    ),
    passwordVersion: passwordVersion("default"),
  })
  .superRefine((given, context) => {
    const limit = parseQuantity(given.resources.limits.memory) ?? 0;
    if ((redisBytes(given.maxmemory) ?? 0) > limit * share) {
      context.addIssue({
        code: "custom",
        path: ["maxmemory"],
        message:
          `is more than three quarters of the memory limit (${given.resources.limits.memory}): ` +
          "rewriting the append-only file would have the server killed",
        params: { suggestion: `${String(Math.max(1, Math.floor((limit * share) / 2 ** 20)))}mb` },
      });
    }
  });

export type RedisSettings = z.output<typeof redis>;
