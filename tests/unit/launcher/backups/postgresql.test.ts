import { describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { PostgresqlBackups } from "../../../../launcher/backups/objects.ts";
import { duration } from "../../../../launcher/backups/duration.ts";
import { postgresqlReports } from "../../../../launcher/backups/postgresql.ts";
import { reportText } from "../../../../launcher/backups/table.ts";

/** A cluster and one that was recovered from it, recorded while their object store was away. */
const away = JSON.parse(readFileSync(path.join(import.meta.dirname, "store-away.json"), "utf8")) as PostgresqlBackups;

const recorded = Date.parse("2026-11-30T00:23:18Z");
const kubectl = "kubectl";

const healthyArchiver = { lastArchived: "2026-11-30T00:23:10Z", lastFailed: null, waiting: 0, waitingSince: null };
const healthy: PostgresqlBackups = {
  ...away,
  archivers: { "nx-postgresql": healthyArchiver, "nx-postgresql-b": healthyArchiver },
};

const problems = (known: PostgresqlBackups, now = recorded) =>
  postgresqlReports(known, now, kubectl).map((report) => report.problems);

/** The state with changes of the first cluster's base backup. */
const withBackup = (status: object): PostgresqlBackups => ({
  ...healthy,
  backups: healthy.backups.map((backup) =>
    backup.spec.cluster.name === "nx-postgresql" ? { ...backup, status: { ...backup.status, ...status } } : backup,
  ),
});

describe("a healthy cluster", () => {
  const [report] = postgresqlReports(healthy, recorded, kubectl);

  test("has no problem", () => {
    expect(report?.problems).toEqual([]);
  });

  test("can be recovered from its first base backup to the last archived WAL", () => {
    expect(report).toMatchObject({ first: "2026-11-30T00:05:27Z", last: "2026-11-30T00:23:10Z", logAge: 8 });
  });

  test("has its backups below its own directory", () => {
    expect(report?.place).toBe("s3://bana/postgresql/nx-postgresql");
  });

  test("lists its base backups", () => {
    expect(report?.backups).toEqual([
      {
        name: "nx-postgresql-20261130000445",
        started: "2026-11-30T00:05:17Z",
        seconds: 10,
        state: "completed",
      },
    ]);
  });
});

describe("a problem is", () => {
  test("an object store that is away", () => {
    expect(problems(away)).toEqual([
      [expect.stringMatching(/^WAL was not archived since 2026-11-30T00:12:43Z: 2 files wait, the oldest for 6 min/)],
      [expect.stringMatching(/cnpg\.io\/cluster=nx-postgresql-b,cnpg\.io\/instanceRole=primary/)],
    ]);
  });

  test("a base backup that is too old", () => {
    const late = { ...healthyArchiver, lastArchived: "2026-12-02T00:00:00Z" };
    const known = { ...healthy, archivers: { "nx-postgresql": late, "nx-postgresql-b": late } };
    expect(problems(known, Date.parse("2026-12-02T00:01:00Z"))[0]).toEqual([
      expect.stringMatching(/^the last base backup is 47 h old, more than postgresql\.backup\.maxAge \(26 h\)/),
    ]);
  });

  test("a failed base backup, with its error", () => {
    expect(problems(withBackup({ phase: "failed", error: "while taking it\nexit status 2" }))[0]).toEqual([
      expect.stringMatching(
        /^the last base backup failed: while taking it; exit status 2\. See: kubectl describe backup/,
      ),
    ]);
  });

  test("that there is no base backup after half an hour", () => {
    const none = { ...healthy, backups: [] };
    expect(problems(none)[0]).toEqual([]);
    expect(problems(none, Date.parse("2026-11-30T00:40:00Z"))[0]).toEqual([
      expect.stringMatching(/^there is no base backup: nothing can be recovered/),
    ]);
  });

  test("WAL that waits, even if no attempt failed", () => {
    const waiting = { ...healthyArchiver, waiting: 3, waitingSince: "2026-11-30T00:05:00Z" };
    const known = { ...healthy, archivers: { ...healthy.archivers, "nx-postgresql": waiting } };
    expect(problems(known)[0]).toEqual([expect.stringMatching(/3 files wait, the oldest for 18 min/)]);
  });

  test("a primary that does not answer", () => {
    const known = { ...healthy, archivers: { ...healthy.archivers, "nx-postgresql": "pod not found" } };
    expect(problems(known)[0]).toEqual([
      expect.stringMatching(/^its archive could not be examined: pod not found; the operator says: rpc error/),
    ]);
  });
});

test("a stopped cluster keeps its backups and has no problems", () => {
  const clusters = away.clusters.map((cluster) => ({
    ...cluster,
    metadata: { ...cluster.metadata, annotations: { "cnpg.io/hibernation": "on" } },
  }));
  const reports = postgresqlReports({ ...away, clusters, archivers: {} }, Date.parse("2027-01-01T00:00:00Z"), kubectl);
  expect(reports.map(({ state, problems: found }) => [state, found])).toEqual([
    ["stopped", []],
    ["stopped", []],
  ]);
});

test("the backups of a deleted cluster are listed", () => {
  const [, gone] = postgresqlReports({ ...healthy, clusters: healthy.clusters.slice(1) }, recorded, kubectl);
  expect(gone).toMatchObject({ server: "nx-postgresql", state: "deleted", first: "2026-11-30T00:05:27Z" });
});

test("the text has a line for each fact", () => {
  expect(reportText(postgresqlReports(away, recorded, kubectl).slice(0, 1))).toBe(
    [
      "PostgreSQL, nx-postgresql, in s3://bana/postgresql/nx-postgresql",
      "  can be recovered: from 2026-11-30 00:05:27 UTC to 2026-11-30 00:12:43 UTC",
      "  last WAL archived 10 min ago",
      "  backups:",
      "    completed  2026-11-30 00:05:17 UTC  in 10 s  nx-postgresql-20261130000445",
      `  PROBLEM: ${problems(away)[0]?.[0] ?? ""}`,
    ].join("\n"),
  );
});

test.each([
  [40, "40 s"],
  [119, "119 s"],
  [900, "15 min"],
  [26 * 3600, "26 h"],
  [72 * 3600, "3 days"],
])("%d seconds are %s", (length, text) => {
  expect(duration(length)).toBe(text);
});
