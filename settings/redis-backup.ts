import * as z from "zod";
import { count } from "./fields.ts";
import { schedule } from "./schedule.ts";

export const redisBackup = z.strictObject({
  enabled: z.boolean().describe("Back the keys up into `objectStore`, if that is set").default(true),
  schedule: schedule("five")
    .describe("When: minute, hour, day of month, month and day of week, in UTC")
    .default("0 3 * * *"),
  retention: count(1, 3650).describe("Days after which a backup is deleted from the store").default(30),
  maxAge: count(1, 10_000)
    .describe("Hours after which `npm run backups` reports the last backup as too old")
    .default(26),
});
