import * as z from "zod";
import { quantity } from "./fields.ts";
import { passwordVersion } from "./passwords.ts";
import { resources } from "./resources.ts";

export const redis = z.strictObject({
  storage: quantity().describe("Size of each volume; may grow, never shrink").default("5Gi"),
  resources: resources({ cpu: "100m", memory: "384Mi" }, { cpu: "1", memory: "512Mi" }).describe("Resources of a pod"),
  passwordVersion: passwordVersion("default"),
});

export type RedisSettings = z.output<typeof redis>;
