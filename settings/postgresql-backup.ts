import * as z from "zod";
import { count } from "./fields.ts";
import { resources } from "./resources.ts";
import { schedule } from "./schedule.ts";

export const postgresqlBackup = z
  .strictObject({
    enabled: z
      .boolean()
      .describe("Archive WAL and take base backups into `objectStore`. Only with `implementation` `cloudnative-pg`")
      .default(true),
    schedule: schedule("six")
      .describe("When base backups are taken: second, minute, hour, day of month, month and day of week, in UTC")
      .default("0 0 2 * * *"),
    retention: z
      .string()
      .regex(/^[1-9]\d*[dwm]$/, "is not a number of days, weeks or months, such as 30d")
      .describe(
        "Time back to which the data can be recovered; older base backups and their WAL are deleted from the store",
      )
      .default("30d"),
    compression: z
      .enum(["none", "gzip", "bzip2", "lz4", "snappy"])
      .describe("Compression of base backups and WAL. `lz4` and `snappy` are fast, `gzip` and `bzip2` are small")
      .default("gzip"),
    encryption: z
      .enum(["bucket", "AES256", "aws:kms"])
      .describe("Encryption by the store: as the bucket is configured, or required for each object")
      .default("bucket"),
    kmsKeyId: z
      .string()
      .regex(/^[\w:/-]+$/, "is not the ID or ARN of a key")
      .optional()
      .describe("Key for `encryption` `aws:kms`. The account's key for S3 if omitted"),
    parallel: count(1, 32)
      .describe("Parts of a base backup, and WAL files, that are transferred at the same time")
      .default(2),
    archiveTimeout: count(10, 86_400)
      .describe(
        "`archive_timeout` in seconds: changes reach the store after this time at the latest, so a lost cluster loses no more. Each archived file has 16 MB before compression",
      )
      .default(300),
    maxAge: count(1, 10_000)
      .describe("Hours after which `npm run backups` reports the last base backup as too old")
      .default(26),
    maxWalAge: count(1, 10_000)
      .describe("Minutes after which `npm run backups` and `npm run status` report WAL that is not archived as too old")
      .default(15),
    resources: resources(
      "the sidecar of each instance, which archives WAL and takes base backups",
      { cpu: "100m", memory: "128Mi" },
      { cpu: "1", memory: "512Mi" },
    ),
  })
  .superRefine((given, context) => {
    if (given.kmsKeyId !== undefined && given.encryption !== "aws:kms") {
      context.addIssue({
        code: "custom",
        path: ["encryption"],
        message: "does not use postgresql.backup.kmsKeyId, which is set",
        params: { suggestion: "aws:kms" },
      });
    }
    if (given.maxWalAge * 60 < given.archiveTimeout) {
      context.addIssue({
        code: "custom",
        path: ["maxWalAge"],
        message: `is less than postgresql.backup.archiveTimeout (${String(given.archiveTimeout)} seconds)`,
        params: { suggestion: String(Math.ceil(given.archiveTimeout / 60) * 2) },
      });
    }
  });

export type PostgresqlBackupSettings = z.output<typeof postgresqlBackup>;
