import { describe, expect, test } from "@jest/globals";
import { InvalidSettings, readSettings } from "../../../settings.ts";

const read = (settings: Readonly<Record<string, unknown>>) =>
  readSettings(
    "layer",
    Object.fromEntries(
      Object.entries({ cluster: { context: "somewhere" }, ...settings }).map(([key, value]) => [
        `layer:${key}`,
        JSON.stringify(value),
      ]),
    ),
  );

function problemsOf(settings: Readonly<Record<string, unknown>>): readonly string[] {
  try {
    read(settings);
  } catch (error) {
    if (error instanceof InvalidSettings) return error.problems;
    throw error;
  }
  return [];
}

const login = { secret: "nx-object-store" };
const store = (given: object) => ({ objectStore: { bucket: "backups", credentials: login, ...given } });
const postgresql = (given: object) => ({ ...store({}), postgresql: { implementation: "cloudnative-pg", ...given } });
const made = { "nx-postgresql-b": { from: "nx-postgresql", latest: true } };

describe("accepted", () => {
  test.each<[string, Record<string, unknown>]>([
    ["no object store", {}],
    ["no backups", { postgresql: { implementation: "cloudnative-pg", backup: { enabled: false } } }],
    ["Amazon S3", store({ region: "eu-central-1" })],
    ["two keys", store({ credentials: { accessKeyId: "a", secretAccessKey: "b" } })],
    [
      "a store in the cluster",
      store({ endpoint: "http://s3.store.svc:7070", access: { namespace: "store", port: 7070 } }),
    ],
    [
      "a store in a private network",
      store({ endpoint: "https://s3.example.com:9000", access: { cidrs: ["10.1.0.0/16"] } }),
    ],
    ["an own key", postgresql({ backup: { encryption: "aws:kms", kmsKeyId: "arn:aws:kms:eu-central-1:1:key/2" } })],
    ["a recovered cluster", postgresql({ recovery: made })],
    [
      "all three targets",
      postgresql({
        recovery: {
          "nx-postgresql-b": { from: "nx-postgresql", targetTime: "2026-01-15T10:30:00.5+02:00" },
          "nx-postgresql-c": { from: "nx-postgresql-b", targetLsn: "0/5000060" },
          ...{ "nx-postgresql-d": { from: "nx-postgresql", latest: true } },
        },
      }),
    ],
    ["a moved layer", postgresql({ recovery: made, active: "nx-postgresql-b" })],
    [
      "a retired cluster",
      postgresql({ recovery: made, active: "nx-postgresql-b", retired: { "nx-postgresql": "deleted" } }),
    ],
  ])("%s", (_, settings) => {
    expect(problemsOf(settings)).toEqual([]);
  });
});

describe("refused, with the fix", () => {
  test.each<[string, Record<string, unknown>, string]>([
    ["a bucket's URL", store({ bucket: "s3://backups" }), "is not a bucket name"],
    [
      "backups without a store",
      { postgresql: { implementation: "cloudnative-pg" } },
      "objectStore.bucket is missing: postgresql.backup.enabled is true. To run without backups, set that to false",
    ],
    ["backups of StatefulSets", { postgresql: { backup: { retention: "7d" } } }, "only CloudNativePG archives WAL"],
    ["a bucket without login", { objectStore: { bucket: "backups" } }, "credentials.secret is missing: name a Secret"],
    [
      "an endpoint with a path",
      store({ endpoint: "https://s3.example.com/backups" }),
      "Fix it with `pulumi config set --path layer:objectStore.endpoint https://s3.example.com`",
    ],
    ["a path with a slash at its end", store({ path: "a/" }), "no `/` at its beginning or end"],
    ["a Secret and keys", store({ credentials: { secret: "a", accessKeyId: "b" } }), "not both. Remove it with"],
    [
      "half a login",
      store({ credentials: { accessKeyId: "a" } }),
      "--secret --path layer:objectStore.credentials.secretAccessKey",
    ],
    ["a certificate authority without TLS", store({ endpoint: "http://s3:80", caSecret: "ca" }), "has no effect"],
    [
      "a namespace without port",
      store({ endpoint: "http://s3:80", access: { namespace: "s3" } }),
      "access.port is missing",
    ],
    ["a namespace without endpoint", store({ access: { namespace: "s3", port: 9000 } }), "endpoint is missing"],
    [
      "both places of a store",
      store({ endpoint: "http://s3:80", access: { namespace: "s3", port: 1, cidrs: ["10.0.0.0/8"] } }),
      "not both",
    ],
    [
      "a schedule of Redis's backups with seconds",
      { ...store({}), redis: { backup: { schedule: "0 0 3 * * *" } } },
      "is not a schedule of five fields",
    ],
    [
      "a schedule of Typesense's backups with an hour that does not exist",
      { ...store({}), typesense: { backup: { schedule: "0 24 * * *" } } },
      "is not a schedule of five fields",
    ],
    [
      "no retention",
      { ...store({}), typesense: { backup: { retention: 0 } } },
      "typesense.backup.retention: 0 is below the minimum of 1",
    ],
    [
      "a schedule of cron",
      postgresql({ backup: { schedule: "0 2 * * *" } }),
      "Fix it with `pulumi config set --path layer:postgresql.backup.schedule '0 0 2 * * *'`",
    ],
    [
      "an hour that does not exist",
      postgresql({ backup: { schedule: "0 0 24 * * *" } }),
      "is not a schedule of six fields",
    ],
    ["a retention without unit", postgresql({ backup: { retention: "30" } }), "postgresql.backup.retention 30d"],
    ["a key without its encryption", postgresql({ backup: { kmsKeyId: "1" } }), "postgresql.backup.encryption aws:kms"],
    ["a limit below the timeout", postgresql({ backup: { archiveTimeout: 3600 } }), "postgresql.backup.maxWalAge 120"],
    [
      "a recovery from an unknown cluster",
      postgresql({ recovery: { "nx-postgresql-b": { from: "nx-postgresq", latest: true } } }),
      "recovery.nx-postgresql-b.from nx-postgresql`",
    ],
    [
      "a recovery from itself",
      postgresql({ recovery: { "nx-postgresql-b": { from: "nx-postgresql-b", latest: true } } }),
      "leads back to the cluster itself",
    ],
    [
      "two targets",
      postgresql({ recovery: { "nx-postgresql-b": { from: "nx-postgresql", targetLsn: "0/1", latest: true } } }),
      "a recovery has one target. Remove it with",
    ],
    ["no target", postgresql({ recovery: { "nx-postgresql-b": { from: "nx-postgresql" } } }), "targetTime is missing"],
    [
      "a time without zone",
      postgresql({ recovery: { "nx-postgresql-b": { from: "nx-postgresql", targetTime: "2026-01-15 10:30:00" } } }),
      "targetTime 2026-01-15T10:30:00Z`",
    ],
    [
      "a date",
      postgresql({ recovery: { "nx-postgresql-b": { from: "nx-postgresql", targetTime: "yesterday" } } }),
      "is not a time in RFC 3339 format",
    ],
    [
      "a time that does not exist",
      postgresql({ recovery: { "nx-postgresql-b": { from: "nx-postgresql", targetTime: "2026-13-15T10:30:00Z" } } }),
      "is not a time in RFC 3339 format",
    ],
    [
      "a future time",
      postgresql({ recovery: { "nx-postgresql-b": { from: "nx-postgresql", targetTime: "2999-01-15T10:30:00Z" } } }),
      "is in the future",
    ],
    [
      "a name that a Service has",
      postgresql({ recovery: { "nx-postgresql-primary": { from: "nx-postgresql", latest: true } } }),
      "which a Service has",
    ],
    ["an unknown active cluster", postgresql({ active: "nx-postgresql-b" }), "postgresql.active nx-postgresql`"],
    ["to retire the active cluster", postgresql({ retired: { "nx-postgresql": "stopped" } }), "applications use it"],
    [
      "to retire an unknown cluster",
      postgresql({ retired: { "nx-postgresql-x": "stopped" } }),
      "is not a PostgreSQL cluster of these settings",
    ],
  ])("%s", (_, settings, fix) => {
    expect(problemsOf(settings)).toEqual([expect.stringContaining(fix)]);
  });
});

test("no message shows a login", () => {
  const problems = problemsOf({
    objectStore: {
      credentials: { accessKeyId: "", secretAccesKey: "hidden", secretAccessKey: ["hidden"], secret: "hidden!" },
    },
  });
  expect(problems.length).toBeGreaterThanOrEqual(3);
  expect(problems.join("\n")).not.toContain("hidden");
});
