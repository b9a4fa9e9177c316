import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { appendFileSync, existsSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Pair, contentOf, entries, eventually, obstacle, scripts } from "./server.ts";

const parameters = {
  wal_level: "logical",
  listen_addresses: "127.0.0.1",
  hba_file: path.join(scripts, "pg_hba.conf"),
  shared_preload_libraries: "pg_stat_statements",
  log_statement: "ddl",
  wal_keep_size: "16MB",
  max_slot_wal_keep_size: "64MB",
  wal_retrieve_retry_interval: "500ms",
};
const options = (own: Readonly<Record<string, string>> = {}) =>
  Object.entries({ ...parameters, ...own }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);

const replicaOptions = options({
  primary_slot_name: "nx_replica",
  primary_conninfo: "host=127.0.0.1 port=25432 user=repl_user passfile=/var/run/postgresql/pgpass",
});

const describeHere = obstacle === undefined ? describe : describe.skip;
const because = obstacle === undefined ? "" : ` (skipped: ${obstacle})`;

describeHere(`the scripts of PostgreSQL${because}`, () => {
  const pair = new Pair();
  const { primary, replica } = pair;

  const initPrimary = () => primary.script("init-primary.sh", ...options());
  async function startPrimary(): Promise<void> {
    primary.start("start-primary.sh", ...options());
    await eventually(
      () => primary.sql("select 1", "postgres") === "1",
      () => primary.log,
    );
  }
  async function startReplica(): Promise<void> {
    replica.start("start-replica.sh", ...replicaOptions);
    await eventually(
      () => replica.sql("select status from pg_stat_wal_receiver") === "streaming",
      () => replica.log,
    );
  }
  const fillWal = () => {
    for (let segment = 0; segment < 12; segment += 1) {
      primary.sql("insert into orders default values");
      primary.sql("select pg_switch_wal()");
    }
    primary.sql("checkpoint");
  };
  const rows = "select count(*) from orders";

  beforeAll(async () => {
    // what a killed initdb leaves
    primary.run("mkdir", "-p", `${primary.data}.partial/base`);
    expect(initPrimary()).toMatchObject({ code: 0 });
    await startPrimary();
    primary.sql("create table orders (id serial)");
    expect(replica.script("init-replica.sh")).toMatchObject({ code: 0 });
    await startReplica();
  }, 120_000);

  afterAll(() => pair.remove());

  describe("of the primary", () => {
    test("create roles, database, extensions and schemas", () => {
      expect(
        primary.sql("select rolname, rolsuper, rolcreatedb, rolreplication from pg_roles where rolcanlogin order by 1"),
      ).toBe("nx_seller_operator|f|t|f\npostgres|t|t|t\nrepl_user|f|f|t");
      const owners =
        "select nspname from pg_namespace where pg_get_userbyid(nspowner) = 'nx_seller_operator' order by 1";
      expect(primary.sql(owners).split("\n")).toEqual([
        "allocation",
        "finance",
        "inventory",
        "payment",
        "pricing",
        "public",
        "sale",
      ]);
      expect(primary.sql("select extname from pg_extension order by 1")).toBe("pg_stat_statements\npgcrypto\nplpgsql");
      expect(primary.sql("show data_checksums")).toBe("on");
    });

    test("leave nothing incomplete behind", () => {
      expect(entries(primary.volume)).toEqual([".lock", ".primary", "pgdata"]);
    });

    test("apply new passwords at the next start, keep the data, and log no password", async () => {
      primary.sql("insert into orders default values");
      const count = primary.sql(rows);
      await primary.stop();
      pair.setPasswords("second");
      const { code, output } = initPrimary();
      await startPrimary();
      expect(code).toBe(0);
      expect(primary.accepts("nx_seller_operator", "nx_seller_operator-second")).toBe(true);
      expect(primary.accepts("nx_seller_operator", "nx_seller_operator-first")).toBe(false);
      expect(primary.accepts("postgres", "postgres-second")).toBe(true);
      expect(primary.accepts("postgres", "postgres-first")).toBe(false);
      expect(primary.sql(rows)).toBe(count);
      expect(output + primary.log).not.toContain("-second");
      expect(primary.sql("select count(*) from pg_stat_statements where query ilike '%password%-second%'")).toBe("0");
      await replica.stop();
      await startReplica();
    }, 90_000);

    test("start after kill -9, with any postmaster.pid left behind", async () => {
      primary.sql("insert into orders default values");
      const count = primary.sql(rows);
      await primary.stop("SIGKILL");
      writeFileSync(path.join(primary.data, "postmaster.pid"), `${String(process.pid)}\n`);
      await startPrimary();
      expect(primary.sql(rows)).toBe(count);
    }, 60_000);

    test("wait for the previous server on the volume instead of joining it", async () => {
      const second = initPrimaryInBackground();
      await eventually(
        () => second.said().includes("waiting for the previous PostgreSQL"),
        () => second.said(),
      );
      expect(primary.sql("select 1")).toBe("1");
      await primary.stop();
      expect(await second.ended).toBe(0);
      await startPrimary();
    }, 60_000);

    function initPrimaryInBackground() {
      const other = pair.otherPrimary();
      other.start("init-primary.sh", ...options());
      return { said: () => other.log, ended: other.ended() };
    }
  });

  describe("of the replica", () => {
    const cloned = () => /cloning the primary [^:]+: (.*)/.exec(replica.log)?.[1];
    const isAlive = () => replica.script("alive-replica.sh").code === 0;
    const isSame = () =>
      eventually(
        () => replica.sql(rows) === primary.sql(rows),
        () => replica.log,
      );

    test("continue with the existing copy after a restart", async () => {
      await replica.stop();
      await startReplica();
      expect(cloned()).toBeUndefined();
      expect(isAlive()).toBe(true);
    }, 60_000);

    test("recreate the slot while the WAL is still there", async () => {
      await replica.stop();
      primary.sql("select pg_drop_replication_slot('nx_replica')");
      await startReplica();
      expect(replica.log).toContain("creating the replication slot");
      expect(cloned()).toBeUndefined();
    }, 60_000);

    test("clone again when the slot is gone and WAL with it", async () => {
      await replica.stop();
      primary.sql("select pg_drop_replication_slot('nx_replica')");
      fillWal();
      await startReplica();
      expect(cloned()).toBe("its slot was lost, and WAL with it");
      await isSame();
    }, 90_000);

    test("clone again when the replica was down for longer than WAL is kept", async () => {
      await replica.stop();
      fillWal();
      expect(primary.sql("select wal_status from pg_replication_slots")).toBe("lost");
      await startReplica();
      expect(cloned()).toBe("its slot was lost, and WAL with it");
      await isSame();
    }, 90_000);

    test("notice in the running server that the slot is gone", async () => {
      primary.sql("alter role repl_user nologin");
      primary.sql("select pg_terminate_backend(active_pid) from pg_replication_slots");
      await eventually(
        () => primary.sql("select active from pg_replication_slots") === "f",
        () => primary.log,
      );
      expect(isAlive()).toBe(true);
      primary.sql("select pg_drop_replication_slot('nx_replica')");
      primary.sql("alter role repl_user login");
      await eventually(
        () => !isAlive(),
        () => replica.log,
      );
      await replica.stop();
      await startReplica();
      expect(isAlive()).toBe(true);
    }, 60_000);

    test.each([
      [
        "its control file",
        () => {
          truncateSync(path.join(replica.data, "global", "pg_control"), 0);
        },
      ],
      [
        "a database",
        () => {
          rmSync(path.join(replica.data, "base", "1"), { recursive: true });
          writeFileSync(path.join(replica.data, "base", "1"), "");
        },
      ],
      [
        "its transaction log",
        () => {
          rmSync(path.join(replica.data, "pg_wal"), { recursive: true });
        },
      ],
    ])(
      "clone again when %s is damaged",
      async (_, damage) => {
        await replica.stop();
        damage();
        await startReplica();
        expect(cloned()).toMatch(/missing|control file/);
        await isSame();
      },
      60_000,
    );

    test("notice in the running server that the files of a database are gone, and clone again", async () => {
      const database = primary.sql("select oid from pg_database where datname = 'nx_seller_core'");
      rmSync(path.join(replica.data, "base", database), { recursive: true });
      expect(isAlive()).toBe(false);
      await replica.stop();
      await startReplica();
      expect(cloned()).toBe(`base/${database} is missing`);
      expect(isAlive()).toBe(true);
      expect(entries(replica.volume)).toEqual([".lock", "pgdata"]);
    }, 60_000);

    test("clone again, once, when the server does not start from its files", async () => {
      await replica.stop();
      for (const segment of entries(path.join(replica.data, "pg_wal")).filter((name) => name.length === 24)) {
        rmSync(path.join(replica.data, "pg_wal", segment));
      }
      appendFileSync(path.join(replica.data, "postgresql.auto.conf"), "no_such_parameter_here = 1\n");
      for (let start = 0; start < 3; start += 1) {
        replica.start("start-replica.sh", ...replicaOptions);
        await eventually(
          () => !replica.isRunning,
          () => replica.log,
        );
        expect(cloned()).toBeUndefined();
      }
      await startReplica();
      expect(cloned()).toBe("the server failed to start from it three times");
      expect(isAlive()).toBe(true);
      expect(existsSync(path.join(replica.volume, ".failed-starts"))).toBe(false);
    }, 90_000);

    test("serve the existing copy while the primary is unreachable, and remove nothing", async () => {
      const count = replica.sql(rows);
      await replica.stop();
      await primary.stop();
      expect(replica.script("init-replica.sh").output).toContain("continuing with the existing copy");
      replica.start("start-replica.sh", ...replicaOptions);
      await eventually(
        () => replica.sql(rows) === count,
        () => replica.log,
      );
      expect(isAlive()).toBe(true);
      await startPrimary();
      await eventually(
        () => replica.sql("select status from pg_stat_wal_receiver") === "streaming",
        () => replica.log,
      );
    }, 60_000);

    test("install a clone that was complete but not moved into place", async () => {
      await replica.stop();
      replica.run("mv", replica.data, `${replica.data}.new`);
      await startReplica();
      expect(cloned()).toBeUndefined();
    }, 60_000);

    test("restore a lost standby.signal instead of starting a second primary", async () => {
      await replica.stop();
      rmSync(path.join(replica.data, "standby.signal"));
      await startReplica();
      expect(replica.sql("select pg_is_in_recovery()")).toBe("t");
    }, 60_000);

    test("do not change a promoted copy, and follow again when standby.signal is back", async () => {
      replica.run("pg_ctl", "promote");
      await eventually(
        () => replica.sql("select pg_is_in_recovery()") === "f",
        () => replica.log,
      );
      expect(isAlive()).toBe(true);
      await replica.stop();
      replica.start("start-replica.sh", ...replicaOptions);
      await eventually(
        () => replica.sql("select pg_is_in_recovery()") === "f",
        () => replica.log,
      );
      expect(replica.log).toContain("was promoted and stays a primary");

      await replica.stop();
      writeFileSync(path.join(replica.data, "standby.signal"), "");
      await startReplica();
      expect(cloned()).toMatch(/it is on timeline 2 and the primary still on 1/);
    }, 60_000);

    test("keep their copy when the primary is another database cluster, and clone it when the copy is removed", async () => {
      await primary.stop();
      rmSync(primary.data, { recursive: true });
      const refused = initPrimary();
      expect(refused.code).toBe(1);
      expect(refused.output).toContain("this volume is empty, and 127.0.0.1 has a database");

      await replica.stop();
      expect(initPrimary()).toMatchObject({ code: 0 });
      await startPrimary();
      const kept = replica.script("init-replica.sh", ...replicaOptions);
      expect(kept.code).toBe(1);
      expect(kept.output).toContain("the primary 127.0.0.1 has another database than this server");
      expect(entries(replica.data)).toContain("PG_VERSION");

      rmSync(replica.data, { recursive: true });
      await startReplica();
      expect(cloned()).toBe("there is no copy yet");
    }, 90_000);

    test("keep the password where only the server can read it", () => {
      expect(replica.run("stat", "-c", "%a", "/var/run/postgresql/pgpass").output.trim()).toBe("600");
      expect(contentOf(path.join(replica.data, "postgresql.auto.conf"))).not.toContain("-second");
    });
  });
});
