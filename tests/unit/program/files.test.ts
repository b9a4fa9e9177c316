import { describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import path from "node:path";
import { checksum, fill } from "../../../components/config-files.ts";
import { iniFile } from "../../../components/postgresql/statefulset/pooler/pods.ts";
import { primaryArguments, replicaArguments } from "../../../components/postgresql/statefulset/pods.ts";
import { refuseScaleUpFromOne, refuseScaleDown } from "../../../components/stateful-set.ts";
import { refuseShrinking } from "../../../components/volume-claims.ts";
import { readSettings } from "../../../settings.ts";

const settings = readSettings("layer", { "layer:cluster": '{"context":"x"}' });
const pairs = (args: readonly string[]) => args.filter((argument) => argument !== "-c");

describe("fill", () => {
  test("replaces placeholders with values", () => {
    expect(fill("{{a}}-{{b}}-{{a}}", { a: 1, b: "x" })).toBe("1-x-1");
  });

  test("fails on a placeholder without a value and on a value without a placeholder", () => {
    expect(() => fill("{{a}}", {})).toThrow(/\{\{a\}\}/);
    expect(() => fill("", { a: 1 })).toThrow(/no placeholder for a/);
  });
});

test("a checksum depends on file names and contents, not on their order", () => {
  expect(checksum({ a: "1", b: "2" })).toBe(checksum({ b: "2", a: "1" }));
  expect(checksum({ a: "1" })).not.toBe(checksum({ a: "2" }));
  expect(checksum({ a: "bc" })).not.toBe(checksum({ ab: "c" }));
});

test("a checksum ignores only full-line comments and blank lines", () => {
  const script = "#!/bin/sh\necho a # greets\n";
  expect(checksum({ "a.sh": "#!/bin/sh\n\n  # why\necho a # greets\n" })).toBe(checksum({ "a.sh": script }));
  expect(checksum({ "a.sql": "-- why\nselect 1;\n" })).toBe(checksum({ "a.sql": "select 1;\n" }));
  expect(checksum({ "a.ini": "; why\n[databases]\n" })).toBe(checksum({ "a.ini": "[databases]\n" }));
  for (const changed of ["#!/bin/bash\necho a # greets\n", "#!/bin/sh\necho b # greets\n", "#!/bin/sh\n"])
    expect(checksum({ "a.sh": changed })).not.toBe(checksum({ "a.sh": script }));
  expect(checksum({ "a.sql": "# 1\n" })).not.toBe(checksum({ "a.sql": "" }));
});

describe("PostgreSQL's arguments", () => {
  test("start with the specification's for the primary, in its order", () => {
    const specified = [
      ...[
        "wal_level=logical",
        "max_wal_senders=10",
        "max_replication_slots=10",
        "hot_standby=on",
        "shared_buffers=512MB",
      ],
      ...["effective_cache_size=1536MB", "work_mem=8MB", "maintenance_work_mem=128MB", "max_connections=100"],
      ...[
        "random_page_cost=1.1",
        "effective_io_concurrency=200",
        "log_statement=ddl",
        "log_min_duration_statement=1000",
      ],
      ...["password_encryption=scram-sha-256", "timezone=Asia/Ho_Chi_Minh"],
    ];
    expect(pairs(primaryArguments(settings.postgresql)).slice(0, specified.length)).toEqual(specified);
  });

  test("start with the specification's for the replica, in its order", () => {
    expect(pairs(replicaArguments(settings.postgresql, "nx-postgresql-replica")).slice(0, 4)).toEqual([
      "hot_standby=on",
      "hot_standby_feedback=on",
      "shared_buffers=512MB",
      "max_connections=100",
    ]);
  });

  test("include all of the primary's in the replica's", () => {
    const replica = new Set(pairs(replicaArguments(settings.postgresql, "nx-postgresql-replica")));
    const inherited = pairs(primaryArguments(settings.postgresql)).filter((pair) => !replica.has(pair));
    expect(inherited).toEqual([]);
  });

  test("contain no password", () => {
    expect(replicaArguments(settings.postgresql, "nx-postgresql-replica").join(" ")).not.toContain("password=");
  });
});

test("pgbouncer.ini has the specification's values", () => {
  const template = readFileSync(
    path.resolve(import.meta.dirname, "../../../components/postgresql/statefulset/pooler/pgbouncer.ini"),
    "utf8",
  );
  const lines = iniFile(template, settings.pgbouncer).split("\n");
  expect(lines).toEqual(
    expect.arrayContaining([
      "nx_seller_core = host=nx-postgresql-primary.nx-persistent.svc.cluster.local port=5432 dbname=nx_seller_core",
      ...["listen_addr = 0.0.0.0", "listen_port = 6432", "auth_type = scram-sha-256", "pool_mode = transaction"],
      ...["max_client_conn = 200", "default_pool_size = 20", "min_pool_size = 5", "reserve_pool_size = 5"],
      "max_db_connections = 50",
    ]),
  );
});

describe("pgbouncer.ini limits all pools together", () => {
  const template = readFileSync(
    path.resolve(import.meta.dirname, "../../../components/postgresql/statefulset/pooler/pgbouncer.ini"),
    "utf8",
  );

  test.each([
    { given: {}, application: 40 },
    { given: { maxDatabaseConnections: 20 }, application: 35 },
    { given: { sessionPoolSize: 1, otherDatabasesPoolSize: 2, reservePoolSize: 0 }, application: 23 },
  ])("to $application connections of the application with $given", ({ given, application }) => {
    const lines = iniFile(template, { ...settings.pgbouncer, ...given }).split("\n");
    expect(lines).toContain(`nx_seller_operator = max_user_connections=${String(application)}`);
    expect(lines).toContain("postgres = max_user_connections=5");
  });

  test("and resets sessions unless it is told not to", () => {
    expect(iniFile(template, settings.pgbouncer)).toContain("server_reset_query_always = 1\n");
    expect(iniFile(template, { ...settings.pgbouncer, resetSession: false })).toContain(
      "server_reset_query_always = 0\n",
    );
  });
});

describe("a StatefulSet that refuses to scale down", () => {
  const pods = (replicas: number) => ({ spec: { replicas } });

  test("can be scaled up, not down", () => {
    expect(() => refuseScaleDown("nx-redis", "they hold keys", pods(3), pods(6))).not.toThrow();
    expect(() => refuseScaleDown("nx-redis", "they hold keys", pods(3), pods(3))).not.toThrow();
    expect(() => refuseScaleDown("nx-redis", "they hold keys", pods(6), pods(3))).toThrow(
      "nx-redis has 6 pods and cannot be scaled down to 3: they hold keys",
    );
  });
});

test("a StatefulSet that refuses to scale up from one pod can be scaled up from several", () => {
  const pods = (replicas: number) => ({ spec: { replicas } });
  expect(() => refuseScaleUpFromOne("nx-typesense", "it knows no peers", pods(1), pods(1))).not.toThrow();
  expect(() => refuseScaleUpFromOne("nx-typesense", "it knows no peers", pods(3), pods(5))).not.toThrow();
  expect(() => refuseScaleUpFromOne("nx-typesense", "it knows no peers", pods(1), pods(3))).toThrow(
    "nx-typesense has 1 pod and cannot be scaled up to 3: it knows no peers",
  );
});

describe("a volume", () => {
  const claim = (storage: string) => ({ spec: { resources: { requests: { storage } } } });

  test.each([
    ["10Gi", "20Gi"],
    ["20Gi", "20Gi"],
    ["1024Mi", "1Gi"],
    ["20G", "20Gi"],
  ])("can be resized from %s to %s", (before, after) => {
    expect(() => refuseShrinking("data", claim(before), claim(after))).not.toThrow();
  });

  test.each([
    ["20Gi", "10Gi"],
    ["20Gi", "20G"],
    ["1Ti", "1023Gi"],
  ])("cannot be resized from %s to %s", (before, after) => {
    expect(() => refuseShrinking("data", claim(before), claim(after))).toThrow(
      `has ${before} and cannot shrink to ${after}`,
    );
  });
});
