import * as z from "zod";
import { backupJobs } from "./backup-jobs.ts";
import { count, quantity } from "./fields.ts";
import { apiKeyVersion } from "./passwords.ts";
import { resources } from "./resources.ts";

const replicas = count(1, 5).superRefine((given, context) => {
  if (given % 2 === 0) {
    context.addIssue({
      code: "custom",
      message: `is even: ${String(given)} nodes tolerate no more failures than ${String(given - 1)}`,
      params: { suggestion: String(given + 1) },
    });
  }
});

export const typesense = z.strictObject({
  replicas: replicas
    .describe(
      "Number of nodes, odd. Several nodes replicate with Raft; their number can be increased, cannot be decreased. To go from one to several, delete the node with its volume first and rebuild the collections",
    )
    .default(1),
  storage: quantity().describe("Size of each volume; can be increased, cannot be decreased").default("5Gi"),
  resources: resources("each node", { cpu: "200m", memory: "512Mi" }, { cpu: "1", memory: "2Gi" }),
  passwordVersion: apiKeyVersion(),
  backup: backupJobs("the collections", "30 3 * * *").prefault({}),
});

export type TypesenseSettings = z.output<typeof typesense>;
