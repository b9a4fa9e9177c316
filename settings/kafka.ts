import * as z from "zod";
import { quantity } from "./fields.ts";
import { passwordVersion } from "./passwords.ts";
import { resources } from "./resources.ts";

export const kafka = z.strictObject({
  storage: quantity().describe("Size of each volume; may grow, never shrink").default("10Gi"),
  resources: resources({ cpu: "500m", memory: "1280Mi" }, { cpu: "1.5", memory: "2Gi" }).describe("Resources of a pod"),
  passwordVersion: passwordVersion("nx.STACK"),
});

export type KafkaSettings = z.output<typeof kafka>;
