import { ApplicationPod } from "../application-pod.ts";
import { eventually } from "../eventually.ts";
import { loseVolumesByForce, volumesReplaced } from "../lost-volumes.ts";
import { pulumi } from "../stack.ts";
import { backUp, restore } from "./backup-jobs.ts";
import { reportOn } from "./backups.ts";

const namespace = "nx-search";
const cronJob = { namespace, name: "nx-typesense-backup" };
const hosts = [0, 1, 2].map(
  (ordinal) => `nx-typesense-${String(ordinal)}.nx-typesense-headless.${namespace}.svc.cluster.local`,
);
const documents = 200;
const timeout = 60;
const client = new ApplicationPod("backup-client", "typesense-nodes.mjs");

const create = (collection: string) => client.run(["create", collection], { timeout });
/** The documents that a node does not have. */
const missing = () => client.run(["missing", "saved", String(documents), ...hosts], { timeout });
const collections = () => client.run(["collections"], { timeout });

beforeAll(async () => {
  await client.start();
  await create("saved");
  await client.run(["fill", "saved", String(documents)], { timeout });
});
afterAll(async () => {
  await client.remove();
});

test("a backup is in the object store, and npm run backups lists it", async () => {
  await backUp(cronJob, "backup-1", "Complete");
  const report = await reportOn("nx-typesense");
  expect(report?.backups[0]).toMatchObject({
    name: expect.stringMatching(/^\d{8}T\d{6}Z$/) as unknown,
    state: "completed",
  });
  expect(report?.problems).toEqual([]);
});

test("a restore over collections is refused", async () => {
  const { code, stdout, stderr } = await restore("typesense");
  expect(stdout + stderr).toMatch(
    /Typesense has collections \(.*saved.*\), and nothing was changed\..*--into-existing/,
  );
  expect(code).toBe(1);
});

test("a backup that does not exist leaves the nodes as they were", async () => {
  const { code, stdout } = await restore("typesense", "--from", "20200101T000000Z", "--into-existing");
  expect(stdout).toMatch(/there is no backup 20200101T000000Z. The newest are: \d{8}T/);
  expect(stdout).toContain("Typesense runs again, with the data that it had.");
  expect(code).toBe(1);
  expect(await missing()).toBe("");
});

test("after the loss of all volumes, a restore brings back every document on every node", async () => {
  const lost = hosts.map((_, ordinal) => ({ namespace, name: `nx-typesense-${String(ordinal)}` }));
  await volumesReplaced(await loseVolumesByForce(...lost));
  expect(await collections()).toBe("");

  const { code, stdout } = await restore("typesense");
  expect(stdout).toContain("Restored.");
  expect(code).toBe(0);
  expect(await missing()).toBe("");
  // The nodes form one cluster: what one takes, all have.
  await create("later");
  await client.run(["fill", "later", "1"], { timeout });
  // The others apply it a moment after the majority has acknowledged it.
  await eventually(async () => {
    expect(await client.run(["missing", "later", "1", ...hosts], { timeout })).toBe("");
  });
});

test("over collections, a second step replaces them", async () => {
  expect(await collections()).toContain("later");
  expect(await restore("typesense", "--into-existing")).toMatchObject({ code: 0 });
  expect(await collections()).not.toContain("later");
  expect(await missing()).toBe("");
});

test("a restore leaves no difference to the stack", async () => {
  await pulumi("preview", "--refresh", "--expect-no-changes");
});
