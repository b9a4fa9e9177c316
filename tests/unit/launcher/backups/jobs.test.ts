import { describe, expect, test } from "@jest/globals";
import {
  jobReports,
  jobStores,
  type JobBackups,
  type JobObject,
  type JobStore,
} from "../../../../launcher/backups/jobs.ts";
import { reportText } from "../../../../launcher/backups/table.ts";

const [redis] = jobStores as [JobStore];
const name = "nx-redis-backup";
const labels = { "app.kubernetes.io/name": name };
const now = Date.parse("2026-11-30T12:00:00Z");
const [completed, failed] = [
  { type: "Complete", status: "True" },
  { type: "Failed", status: "True", message: "Job has reached the specified backoff limit" },
];

/** A Job that started at that hour of the day and took ten seconds. */
const job = (hour: string, ...conditions: readonly { type: string; status: string }[]): JobObject => ({
  metadata: { name: `${name}-${hour}`, labels },
  status: {
    startTime: `2026-11-30T${hour}:00:00Z`,
    ...(conditions[0]?.type === "Complete" && { completionTime: `2026-11-30T${hour}:00:10Z` }),
    conditions,
  },
});

/** What is known of a CronJob of two days ago with these Jobs. */
const known = (...jobs: readonly JobObject[]): JobBackups => ({
  store: redis,
  cronJobs: [
    {
      metadata: {
        name,
        creationTimestamp: "2026-11-28T12:00:00Z",
        annotations: {
          "bana-data-layer/max-backup-age-hours": "26",
          "bana-data-layer/backup-place": "s3://bana/redis",
        },
      },
    },
  ],
  jobs: [{ metadata: { name: "nx-redis-cluster-init", labels: {} } }, ...jobs],
  pods: [
    {
      metadata: { name: "pod", labels: { "batch.kubernetes.io/job-name": `${name}-03` } },
      status: { containerStatuses: [{ state: { terminated: { exitCode: 0, message: "20261130T030008Z\n" } } }] },
    },
  ],
});
const problems = (...jobs: readonly JobObject[]) => jobReports(known(...jobs), now, "kubectl")[0]?.problems;

test("without a CronJob there is no report", () => {
  expect(jobReports({ store: redis, cronJobs: [], jobs: [], pods: [] }, now, "kubectl")).toEqual([]);
});

test("lists backups, the newest first, by the names that they have in the store", () => {
  const reports = jobReports(known(job("03", completed), job("11")), now, "kubectl");
  expect(reports[0]?.problems).toEqual([]);
  expect(reportText(reports)).toBe(
    [
      "Redis, nx-redis, in s3://bana/redis",
      "  can be recovered: each completed backup, by its name",
      "  backups:",
      "    running    2026-11-30 11:00:00 UTC  nx-redis-backup-11",
      "    completed  2026-11-30 03:00:00 UTC  in 10 s  20261130T030008Z",
    ].join("\n"),
  );
});

describe("a problem is", () => {
  test("a last backup that failed", () => {
    expect(problems(job("03", completed), job("11", failed))).toEqual([
      expect.stringMatching(/^the last backup failed: Job has reached .* See: kubectl logs .*nx-redis-backup/),
    ]);
  });

  test("none for longer than the limit", () => {
    expect(problems()).toEqual([
      expect.stringContaining("there is no backup for longer than redis.backup.maxAge (26 h)"),
    ]);
  });

  test("a last backup that is older than the limit", () => {
    const late = now + 24 * 3_600_000;
    const [report] = jobReports(known(job("03", completed)), late, "kubectl");
    expect(report?.problems).toEqual([expect.stringContaining("the last backup is 33 h old")]);
  });

  test("not a failure before the last completed backup", () => {
    expect(problems(job("03", failed), job("11", completed))).toEqual([]);
  });
});
