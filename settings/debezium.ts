import * as z from "zod";
import { passwordVersion } from "./passwords.ts";
import { resources } from "./resources.ts";

export const debezium = z.strictObject({
  resources: resources({ cpu: "250m", memory: "512Mi" }, { cpu: "1", memory: "2Gi" }).describe("Resources of the pod"),
  passwordVersion: passwordVersion("cdc_user"),
});

export type DebeziumSettings = z.output<typeof debezium>;
