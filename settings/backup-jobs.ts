import * as z from "zod";
import { count } from "./fields.ts";
import { schedule } from "./schedule.ts";

/**
 * Settings of backups that Jobs make.
 * @param what what is backed up
 * @param time default of the schedule
 */
export const backupJobs = (what: string, time: string) =>
  z.strictObject({
    enabled: z.boolean().describe(`Back ${what} up into \`objectStore\`, if that is set`).default(true),
    schedule: schedule("five")
      .describe("When: minute, hour, day of month, month and day of week, in UTC")
      .default(time),
    retention: count(1, 3650).describe("Days after which a backup is deleted from the store").default(30),
    maxAge: count(1, 10_000)
      .describe("Hours after which `npm run backups` reports the last backup as too old")
      .default(26),
  });

export type BackupJobSettings = z.output<ReturnType<typeof backupJobs>>;
