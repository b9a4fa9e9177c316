import * as z from "zod";
import { backupJobs } from "./backup-jobs.ts";
import { count, quantity, redisSize } from "./fields.ts";
import { passwordVersion } from "./passwords.ts";
import { parseQuantity, redisBytes } from "./quantity.ts";
import { resources } from "./resources.ts";

/** Share of the memory limit for data. The rest is for copy-on-write during AOF rewrites, and for clients. */
const dataShare = 0.75;

export const redis = z
  .strictObject({
    masters: count(3, 100).describe("Number of masters; can be increased online, cannot be decreased").default(3),
    replicasPerMaster: count(0, 5)
      .describe(
        "Replicas of each master, on other nodes if possible. With 0, a master's keys are unavailable while it is down",
      )
      .default(0),
    minReplicasToWrite: count(0, 5)
      .describe(
        "`min-replicas-to-write`: a master refuses writes unless so many replicas answered it in the last ten seconds. docs/production.md has the reason and the price",
      )
      .default(0),
    storage: quantity().describe("Size of each volume; can be increased, cannot be decreased").default("5Gi"),
    maxmemory: redisSize()
      .describe("`maxmemory` of each node; at most three quarters of its memory limit. A full node refuses writes")
      .default("256mb"),
    resources: resources("each node", { cpu: "100m", memory: "384Mi" }, { cpu: "1", memory: "512Mi" }),
    passwordVersion: passwordVersion("default"),
    backup: backupJobs("the keys", "0 3 * * *").prefault({}),
  })
  .superRefine(({ minReplicasToWrite, replicasPerMaster }, context) => {
    if (minReplicasToWrite <= replicasPerMaster) return;
    context.addIssue({
      code: "custom",
      path: ["minReplicasToWrite"],
      message: `is more than redis.replicasPerMaster (${String(replicasPerMaster)}): no master could accept writes`,
      params: { suggestion: String(replicasPerMaster) },
    });
  })
  .superRefine((given, context) => {
    const limit = parseQuantity(given.resources.limits.memory) ?? 0;
    if ((redisBytes(given.maxmemory) ?? 0) > limit * dataShare) {
      context.addIssue({
        code: "custom",
        path: ["maxmemory"],
        message:
          `is more than three quarters of the memory limit (${given.resources.limits.memory}): ` +
          "rewriting the append-only file could exceed the limit and get the server killed",
        params: { suggestion: `${String(Math.max(1, Math.floor((limit * dataShare) / 2 ** 20)))}mb` },
      });
    }
  });

export type RedisSettings = z.output<typeof redis>;
