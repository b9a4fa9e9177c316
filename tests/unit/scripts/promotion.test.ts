import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Pair, eventually, obstacle, scripts } from "./server.ts";
import type { Server } from "./server.ts";

const options = (own: Readonly<Record<string, string>> = {}) =>
  Object.entries({
    wal_level: "logical",
    listen_addresses: "127.0.0.1",
    hba_file: path.join(scripts, "pg_hba.conf"),
    wal_keep_size: "64MB",
    wal_retrieve_retry_interval: "500ms",
    ...own,
  }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);

const follow = ({ port }: Server) =>
  options({
    primary_slot_name: "nx_replica",
    primary_conninfo: `host=127.0.0.1 port=${String(port)} user=repl_user passfile=/var/run/postgresql/pgpass`,
  });

describe("the slots of change data capture", () => {
  /** Runs only the decision, on given slots of the two servers: real failover slots need PostgreSQL 17. */
  function decide(wanted: string, copied: string) {
    const answers =
      'psql() { echo "$WANTED"; }; ask() { echo "$COPIED"; }; primary_address() { :; }; stop_private_server() { :; }';
    const { status, stderr } = spawnSync(
      "sh",
      ["-euc", `. "$0"; ${answers}; refuse_slots_without_copy`, path.join(scripts, "promote.sh")],
      {
        env: {
          ...{ PATH: process.env["PATH"], PGDATA: "/nowhere/pgdata", CREDENTIALS: "/nowhere" },
          ...{ FORMER_PRIMARY_HOST: "former", FORMER_PRIMARY_PORT: "5432", WANTED: wanted, COPIED: copied },
        },
        encoding: "utf8",
      },
    );
    return { status, stderr };
  }

  test("block the promotion of a standby that has no copy of one, and are named", () => {
    const { status, stderr } = decide("changes\nother", "other\nchanges_2");
    expect(status).toBe(1);
    expect(stderr).toContain("no copy of the replication slot changes yet");
  });

  test.each([
    { wanted: "changes\nother", copied: "other\nchanges" },
    { wanted: "", copied: "" },
    { wanted: "", copied: "older" },
  ])("do not block the promotion with %j", ({ wanted, copied }) => {
    expect(decide(wanted, copied)).toEqual({ status: 0, stderr: "" });
  });
});

const describeHere = obstacle === undefined ? describe : describe.skip;
const because = obstacle === undefined ? "" : ` (skipped: ${obstacle})`;

/** Two servers that change roles as pods do: by the scripts of the other role on the same volume. */
describeHere(`a change of roles${because}`, () => {
  const pair = new Pair(25442);
  const [first, second] = [pair.primary, pair.replica];

  const until = (server: Server, holds: () => boolean) => eventually(holds, () => server.log);
  const recovers = (server: Server) => server.sql("select pg_is_in_recovery()", "postgres");
  const rowsOf = (server: Server) => server.sql("select count(*) from orders");
  const slotsOf = (server: Server) => server.sql("select slot_name from pg_replication_slots");
  const isAlive = (server: Server) => server.script("alive-replica.sh").code === 0;

  async function asPrimary(server: Server): Promise<string> {
    const { code, output } = server.script("init-primary.sh", ...options());
    expect({ code, output }).toMatchObject({ code: 0 });
    server.start("start-primary.sh", ...options());
    await until(server, () => recovers(server) === "f");
    return output;
  }
  /** Starts a pod of the new role, whose init step may wait for the other server. */
  function beginAsPrimary(server: Server): Promise<number | null> {
    server.start("init-primary.sh", ...options());
    return server.ended();
  }
  async function asStandby(server: Server, of: Server): Promise<void> {
    server.start("start-replica.sh", ...follow(of));
    await until(server, () => recovers(server) === "t");
  }
  const streams = (server: Server) =>
    until(server, () => server.sql("select status from pg_stat_wal_receiver") === "streaming");

  beforeAll(async () => {
    await asPrimary(first);
    first.sql("create table orders (id serial)");
    first.sql("insert into orders select from generate_series(1, 10)");
    expect(second.script("init-replica.sh")).toMatchObject({ code: 0 });
    await asStandby(second, first);
    await streams(second);
  }, 120_000);

  afterAll(() => pair.remove());

  test("waits for the former primary to be a standby, receives what it still has, and loses nothing", async () => {
    await second.stop();
    // Not replicated: the standby is already stopped.
    first.sql("insert into orders select from generate_series(1, 5)");
    const promoted = beginAsPrimary(second);
    await until(second, () => second.log.includes("to be a standby"));
    expect(recovers(first)).toBe("f");
    expect(second.isRunning).toBe(true);

    await first.stop();
    await asStandby(first, second);
    expect(await promoted).toBe(0);
    await asPrimary(second);
    expect(rowsOf(second)).toBe("15");
    second.sql("insert into orders default values");
    await streams(first);
    await until(first, () => rowsOf(first) === "16");
    expect(first.log).not.toContain("cloning");
  }, 120_000);

  test("removes the former primary's own slots once it follows", () => {
    expect(slotsOf(second)).toBe("nx_replica");
    expect(slotsOf(first)).toBe("nx_replica");
    expect(isAlive(first)).toBe(true);
    expect(slotsOf(first)).toBe("");
    expect(existsSync(path.join(first.volume, ".primary"))).toBe(false);
  });

  test("is reversed in the same way, even if the primary was killed", async () => {
    second.sql("insert into orders default values");
    await second.stop("SIGKILL");
    await first.stop();
    const promoted = beginAsPrimary(first);
    await asStandby(second, first);
    expect(await promoted).toBe(0);
    await asPrimary(first);
    expect(rowsOf(first)).toBe("17");
    await streams(second);
    expect(second.log).not.toContain("cloning");
    expect(isAlive(second)).toBe(true);
  }, 120_000);

  test("refuses a copy that is marked as unusable", async () => {
    await second.stop();
    const note = path.join(second.volume, ".clone-wanted");
    writeFileSync(note, "base/5 is missing");
    const { code, output } = second.script("init-primary.sh", ...options());
    rmSync(note);
    expect(code).toBe(1);
    expect(output).toContain("cannot become the primary: base/5 is missing");
  });

  describe("with the other server declared lost", () => {
    beforeAll(() => {
      second.environment["OTHER_SERVER_LOST"] = "true";
    });

    test("is refused while that server is a primary", () => {
      const { code, output } = second.script("init-primary.sh", ...options());
      expect(code).toBe(1);
      expect(output).toContain("it is running as a primary");
      expect(recovers(first)).toBe("f");
    });

    test("promotes without it, and keeps aside what only that server has when it is back", async () => {
      first.sql("insert into orders default values");
      await first.stop("SIGKILL");
      expect(await asPrimary(second)).toContain("lost");
      expect(rowsOf(second)).toBe("17");
      second.sql("insert into orders select from generate_series(1, 3)");

      await asStandby(first, second);
      await streams(first);
      await until(first, () => rowsOf(first) === "20");
      expect(first.log).toMatch(/cloning the primary .* left timeline/);
      expect(existsSync(path.join(`${first.data}.former`, "PG_VERSION"))).toBe(true);
    }, 120_000);
  });
});
