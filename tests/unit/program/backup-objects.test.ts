import { describe, expect, test } from "@jest/globals";
import { storeAccess } from "../../../components/network/ends.ts";
import { directory, objectStoreSpec } from "../../../components/postgresql/cloudnative-pg/backup-store.ts";
import { plannedClusters } from "../../../components/postgresql/cloudnative-pg/clusters.ts";
import { checkDeletions, RefusedDeletion } from "../../../components/postgresql/cloudnative-pg/deletion.ts";
import { clusterBackup } from "../../../components/postgresql/cloudnative-pg/recovery.ts";
import { storeCheckPod } from "../../../components/postgresql/cloudnative-pg/store-check.ts";
import { backupStore } from "../../../settings.ts";
import { settingsSchema } from "../../../settings/schema.ts";

function settingsWith(store: object, postgresql: object = {}) {
  const settings = settingsSchema.parse({
    cluster: { context: "any" },
    objectStore: { bucket: "backups", credentials: { secret: "login" }, ...store },
    postgresql: { implementation: "cloudnative-pg", ...postgresql },
  });
  const used = backupStore(settings);
  if (used === undefined) throw new Error("the settings have no object store");
  return { settings, store: used, backup: settings.postgresql.backup, pool: settings.nodePools.default };
}

const made = {
  recovery: {
    "nx-postgresql-b": { from: "nx-postgresql", targetTime: "2026-01-15 10:30:00z" },
    "nx-postgresql-c": { from: "nx-postgresql-b", latest: true as const },
  },
  active: "nx-postgresql-b",
};

describe("the ObjectStore", () => {
  test("has the settings' compression, encryption and parallelism, for base backups and WAL", () => {
    const { store, backup } = settingsWith(
      {},
      { backup: { compression: "lz4", encryption: "aws:kms", kmsKeyId: "1", parallel: 4 } },
    );
    const { configuration } = objectStoreSpec(store, backup, "login");
    expect(configuration.data).toMatchObject({ compression: "lz4", encryption: "aws:kms", jobs: 4 });
    expect(configuration.wal).toMatchObject({ compression: "lz4", encryption: "aws:kms", maxParallel: 4 });
    expect(configuration.data.additionalCommandArgs).toEqual(["--sse-kms-key-id=1"]);
    expect(configuration.wal.archiveAdditionalCommandArgs).toEqual(["--sse-kms-key-id=1"]);
  });

  test("leaves out what the bucket decides", () => {
    const { store, backup } = settingsWith({}, { backup: { compression: "none" } });
    const { data } = objectStoreSpec(store, backup, "login").configuration;
    expect(data).toEqual({ jobs: 2, immediateCheckpoint: true });
  });

  test("has a directory of PostgreSQL's own", () => {
    expect(directory({ path: "" })).toBe("postgresql");
    expect(directory({ path: "production/eu" })).toBe("production/eu/postgresql");
  });
});

describe("policies let pods reach the store", () => {
  test.each([
    [{}, { endpoint: "https://s3.amazonaws.com" }],
    [
      { endpoint: "http://s3.store.svc:9000", access: { namespace: "store", port: 9000 } },
      { endpoint: "http://s3.store.svc:9000", access: { namespace: "store", port: 9000 } },
    ],
    [
      { endpoint: "https://s3.example.com", access: { cidrs: ["10.1.0.0/16"] } },
      { endpoint: "https://s3.example.com", access: { cidrs: ["10.1.0.0/16"] } },
    ],
  ])("%j", (store, access) => {
    expect(storeAccess(settingsWith(store).store)).toEqual(access);
  });
});

test("the store's check has the login as files only", () => {
  const { store, backup, pool } = settingsWith({ endpoint: "https://s3.example.com", caSecret: "ca" });
  const pod = storeCheckPod({
    store,
    settings: backup,
    image: "image",
    pool,
    owner: "id",
    secret: "login",
    checksums: {},
  });
  expect(pod.volumes).toMatchObject({
    login: { secret: { secretName: "login" } },
    ca: { secret: { secretName: "ca" } },
  });
  expect(pod.container.env).toMatchObject({ BUCKET: "backups", DIRECTORY: "postgresql", CA: "/ca/ca.crt" });
  expect(JSON.stringify(pod.container.env)).not.toMatch(/secretKeyRef|AWS_SECRET/);
});

describe("planned clusters", () => {
  test("are the first one and the recovered ones, one of which is active", () => {
    const { settings } = settingsWith({}, made);
    expect(plannedClusters(settings.postgresql).map(({ name, isActive }) => [name, isActive])).toEqual([
      ["nx-postgresql", false],
      ["nx-postgresql-b", true],
      ["nx-postgresql-c", false],
    ]);
  });

  test("retired ones are stopped, then they are gone", () => {
    const state = (retired: object) =>
      plannedClusters(settingsWith({}, { ...made, retired }).settings.postgresql).map(({ name, isStopped }) => [
        name,
        isStopped,
      ]);
    expect(state({ "nx-postgresql": "stopped" })[0]).toEqual(["nx-postgresql", true]);
    expect(state({ "nx-postgresql": "deleted" })[0]).toEqual(["nx-postgresql-b", false]);
  });

  test("archive each below its own name, and read below the name of their origin", () => {
    const { settings } = settingsWith({}, made);
    const [first, second, third] = plannedClusters(settings.postgresql).map((plan) =>
      clusterBackup(plan, { archives: true, appSecret: "app" }),
    );
    expect(first?.bootstrap).toBeUndefined();
    expect(first?.plugins?.[0]?.parameters).toEqual({ barmanObjectName: "nx-postgresql", serverName: "nx-postgresql" });
    expect(second?.plugins?.[0]?.parameters["serverName"]).toBe("nx-postgresql-b");
    expect(second?.externalClusters?.[0]?.plugin.parameters["serverName"]).toBe("nx-postgresql");
    expect(second?.bootstrap?.recovery?.recoveryTarget).toEqual({ targetTime: "2026-01-15T10:30:00Z" });
    expect(third?.bootstrap?.recovery?.source).toBe("nx-postgresql-b");
    expect(third?.bootstrap?.recovery?.recoveryTarget).toBeUndefined();
  });
});

describe("deleting a cluster", () => {
  const retired = { "nx-postgresql": "deleted" } as const;
  const check = (annotations?: Record<string, string>) =>
    checkDeletions({ retired }, () => Promise.resolve(() => Promise.resolve(annotations)));

  test("is refused while it runs, and the message names both steps", async () => {
    const refused = check({ "cnpg.io/hibernation": "off" });
    await expect(refused).rejects.toThrow(RefusedDeletion);
    await expect(refused).rejects.toThrow(/retired\.nx-postgresql stopped`.* retired|stopped.*deleted/s);
  });

  test("reads nothing from the cluster unless a cluster is to be deleted", async () => {
    const unreachable = () => Promise.reject(new Error("not reachable"));
    await expect(checkDeletions({ retired: { "nx-postgresql": "stopped" } }, unreachable)).resolves.toBeUndefined();
  });

  test("is allowed when it is stopped, or gone", async () => {
    await expect(check({ "cnpg.io/hibernation": "on" })).resolves.toBeUndefined();
    await expect(check()).resolves.toBeUndefined();
  });
});
