import * as z from "zod";
import { quantity } from "./fields.ts";
import { passwordVersion } from "./passwords.ts";
import { resources } from "./resources.ts";

export const typesense = z.strictObject({
  storage: quantity().describe("Size of each volume; may grow, never shrink").default("5Gi"),
  resources: resources({ cpu: "200m", memory: "512Mi" }, { cpu: "1", memory: "2Gi" }).describe("Resources of a pod"),
  passwordVersion: passwordVersion("the API key"),
});

export type TypesenseSettings = z.output<typeof typesense>;
