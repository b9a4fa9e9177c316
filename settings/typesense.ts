import * as z from "zod";
import { count, quantity } from "./fields.ts";
import { passwordVersion } from "./passwords.ts";
import { resources } from "./resources.ts";

const replicas = count(1, 5).superRefine((given, context) => {
  if (given % 2 === 0) {
    context.addIssue({
      code: "custom",
      message: "is even: its majority can lose no more nodes than that of one node less",
      params: { suggestion: String(given + 1) },
    });
  }
});

export const typesense = z.strictObject({
  replicas: replicas
    .describe(
      "Number of nodes, odd; several replicate by Raft. Several may become more, never fewer; for one to become several it has to be deleted first, and the collections indexed anew",
    )
    .default(1),
  storage: quantity().describe("Size of each volume; may grow, never shrink").default("5Gi"),
  resources: resources({ cpu: "200m", memory: "512Mi" }, { cpu: "1", memory: "2Gi" }).describe("Resources of a pod"),
  passwordVersion: passwordVersion("the API key"),
});

export type TypesenseSettings = z.output<typeof typesense>;
