import { readFileSync } from "node:fs";
import path from "node:path";
import { attempt, type Result } from "../command.ts";
import { eventually } from "../eventually.ts";
import { launcherCommand } from "../npm-start.ts";
import { secretData } from "../postgresql.ts";
import { session } from "../session.ts";
import { configure, configureSecret, pulumi, tryPulumi } from "../stack.ts";
import { backUp } from "./backup-jobs.ts";
import { archiveAll, backups, primaryOf, reportOn, startStore, stopStore } from "./backups.ts";
import { sqlIn } from "./cluster.ts";

const server = "nx-postgresql";
const byJobs = [
  { server: "nx-redis", cronJob: { namespace: "nx-broker", name: "nx-redis-backup" } },
  { server: "nx-typesense", cronJob: { namespace: "nx-search", name: "nx-typesense-backup" } },
];

beforeAll(async () => {
  await sqlIn(await primaryOf(server), "create table public.backup_test (id int primary key)");
});
afterAll(async () => {
  await startStore();
  await sqlIn(await primaryOf(server), "drop table public.backup_test");
});

test("a base backup and the WAL are in the object store", async () => {
  await eventually(async () => (await reportOn(server))?.backups.some(({ state }) => state === "completed") === true, {
    timeout: 180,
    interval: 3,
  });
  await archiveAll(await primaryOf(server));
  const { code, stdout } = await backups();
  expect(stdout).toContain("can be recovered: from ");
  expect(stdout).not.toContain("PROBLEM");
  expect(code).toBe(0);
});

describe("while the object store is away", () => {
  beforeAll(async () => {
    await stopStore();
    await sqlIn(await primaryOf(server), "insert into public.backup_test values (1)");
    await sqlIn(await primaryOf(server), "select pg_switch_wal()");
    const failing = async () =>
      (await sqlIn(await primaryOf(server), "select last_failed_time > last_archived_time from pg_stat_archiver")) ===
      "t";
    await Promise.all([
      eventually(failing, { timeout: 120 }),
      ...byJobs.map(({ cronJob }) => backUp(cronJob, "while-away", "Failed")),
    ]);
  });

  test("writes go on", async () => {
    await sqlIn(await primaryOf(server), "insert into public.backup_test values (2)");
  });

  test("npm run backups says that WAL is not archived", async () => {
    const { code, stdout } = await backups();
    expect(stdout).toMatch(/PROBLEM: WAL was not archived since .* files wait/);
    expect(code).toBe(1);
  });

  test.each(byJobs)("npm run backups says that the backup of $server failed", async ({ server: name }) => {
    const report = await reportOn(name);
    expect(report?.problems).toEqual([expect.stringMatching(/^the last backup failed: .*kubectl/)]);
  });

  test("npm run status says it too, and the command that shows the cause", async () => {
    const { code, stdout } = await attempt(...launcherCommand("status"));
    expect(stdout).toMatch(/WAL is not archived since .*--container plugin-barman-cloud/);
    for (const store of ["Redis", "Typesense"]) expect(stdout).toContain(`${store}: the last backup failed`);
    expect(code).toBe(1);
  });

  test("WAL is archived by itself when it is back, and the next backups succeed", async () => {
    await startStore();
    await Promise.all(byJobs.map(({ cronJob }) => backUp(cronJob, "when-back", "Complete")));
    await eventually(async () => (await backups()).code === 0, { timeout: 120, interval: 3 });
  });
});

describe("an update with a wrong login", () => {
  let result: Result;
  const logins = () =>
    Promise.all(["nx-broker", "nx-search"].map((namespace) => secretData({ namespace, name: "nx-object-store" })));
  let before: Awaited<ReturnType<typeof logins>>;

  beforeAll(async () => {
    before = await logins();
    await configure("objectStore.credentials.secretAccessKey", "wrong");
    result = await tryPulumi(["up", "--yes", "--skip-preview"]);
  });
  afterAll(async () => {
    const credentials = readFileSync(path.join(session().stateDir, "object-store", "credentials.json"), "utf8");
    const { secretAccessKey } = JSON.parse(credentials) as { secretAccessKey: string };
    await configureSecret("objectStore.credentials.secretAccessKey", secretAccessKey);
    await pulumi("up", "--yes", "--skip-preview");
  });

  test("fails with the reason and the setting", () => {
    expect(result.code).not.toBe(0);
    expect(`${result.stdout}${result.stderr}`).toMatch(
      /the secret key does not belong to the access key\. Fix the setting objectStore\.credentials/,
    );
  });

  test("does not stop the archive, which keeps its login", async () => {
    await archiveAll(await primaryOf(server));
  });

  test("leaves the backups of Redis and Typesense their login", async () => {
    expect(await logins()).toEqual(before);
  });
});
