import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { eventually } from "../../e2e/eventually.ts";
import { RaftNodes } from "./raft-nodes.ts";
import type { RaftNode } from "./raft-nodes.ts";

const component = path.resolve(import.meta.dirname, "../../../components/typesense");
const former = ["10.9.9.1", "10.9.9.2", "10.9.9.3"];
const present = ["127.0.9.1", "127.0.9.2", "127.0.9.3"] as const;
const [first, second, third] = present;

let folder: string;
let nodes: RaftNodes;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "bana-typesense-"));
  nodes = new RaftNodes();
  cpSync(component, path.join(folder, "scripts"), { recursive: true });
  writeFileSync(path.join(folder, "scripts", "names"), "ts-0 ts-1 ts-2\n");
  mkdirSync(path.join(folder, "data"));
  mkdirSync(path.join(folder, "bin"));
  // the only names that resolve: one file per name, containing its address
  writeFileSync(
    path.join(folder, "bin", "getent"),
    '#!/bin/sh\nread -r address <"${0%/*}/$2" && echo "$address STREAM $2"\n',
  );
  // shortens and counts the scripts' pauses
  writeFileSync(path.join(folder, "bin", "sleep"), '#!/bin/sh\necho >>"${0%/*}/pauses"\nexec /bin/sleep 0.05\n');
  for (const command of ["getent", "sleep"]) chmodSync(path.join(folder, "bin", command), 0o755);
});

afterEach(async () => {
  await nodes.stop();
  rmSync(folder, { recursive: true });
});

const name = (address: string) => `${address}:${String(nodes.port)}:8108`;
const listFile = () => path.join(folder, "data", "nodes");
const listed = () => readFileSync(listFile(), "utf8").trim();
const list = (...addresses: readonly string[]) => addresses.map(name).join(",");
const called = (call: string) => nodes.requests.filter((one) => one.call === call);

/** Starts a script in the pod with that ordinal. */
const start = (script: string, ordinal: number) =>
  spawn("bash", [path.join(folder, "scripts", script)], {
    timeout: 25_000,
    env: {
      PATH: `${path.join(folder, "bin")}:${process.env["PATH"] ?? ""}`,
      POD_NAME: `ts-${String(ordinal)}`,
      POD_IP: present[ordinal],
      PEERING_PORT: String(nodes.port),
      API_PORT: "8108",
      DATA: path.join(folder, "data"),
      NODES: listFile(),
      STARTED: path.join(folder, "started"),
      LEADER_TIMEOUT: "600",
    },
  });

async function run(script: string, ordinal: number): Promise<{ code: unknown; output: string }> {
  const child = start(script, ordinal);
  const [ended, ...streams] = await Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]);
  return { code: ended[0], output: streams.join("") };
}

/** Starts nodes that came back with new addresses. Defaults: last log entry 10 of term 2, former addresses as peers. */
async function restarted(...given: readonly (Partial<RaftNode> | undefined)[]): Promise<void> {
  for (const [index, differing] of given.entries()) {
    const address = present[index];
    if (differing === undefined || address === undefined) continue;
    await nodes.start(address, { term: 2, log: [2, 10], peers: former, ...differing });
  }
  writeFileSync(listFile(), `${list(...present)}\n`);
}

describe("the election", () => {
  test("elects the node with the newest log: requests votes, appends the configuration, starts it", async () => {
    await restarted({ log: [2, 9], term: 7 }, {}, { log: [1, 90] });
    expect(await run("elect.sh", 1)).toMatchObject({ code: 0 });
    const candidate = { server_id: `${second}:${String(nodes.port)}:0`, term: 8 };
    expect(called("request_vote").map(({ address, fields }) => [address, fields])).toEqual(
      present.map((address) => [
        address,
        { group_id: "default_group", ...candidate, peer_id: name(address), last_log_term: 2, last_log_index: 10 },
      ]),
    );
    const entry = { term: 8, type: "ENTRY_TYPE_CONFIGURATION", peers: present.map(name) };
    expect(nodes.requests.slice(3)).toMatchObject([
      {
        address: second,
        call: "append_entries",
        fields: { ...candidate, prev_log_term: 2, prev_log_index: 10, committed_index: 0, entries: [entry] },
      },
      { address: second, call: "timeout_now", fields: { peer_id: name(second), term: 8 } },
    ]);
  });

  test.each([
    ["a later term counts more than more entries", [{ log: [2, 90] }, { log: [3, 5] }, {}], 0],
    ["of equal logs the first node counts", [{}, {}, {}], 1],
  ] as const)("is left to another node with a newer log: %s", async (_, given, ordinal) => {
    await restarted(...(given as unknown as Partial<RaftNode>[]));
    expect((await run("elect.sh", ordinal)).output).toContain("has an equal or newer log, and should be elected");
    expect(nodes.requests).toEqual([]);
  });

  test("needs a majority of nodes that answer", async () => {
    await restarted({}, undefined, undefined);
    expect((await run("elect.sh", 0)).output).toContain("only 1 nodes with data answer, of 3");
    expect(nodes.requests).toEqual([]);
  });

  test("succeeds while one node is down", async () => {
    await restarted({}, {}, undefined);
    await run("elect.sh", 0);
    expect(nodes.requests.map(({ call }) => call)).toEqual([
      "request_vote",
      "request_vote",
      "append_entries",
      "timeout_now",
    ]);
  });

  test.each([
    ["lost its volume", { log: [0, 0], peers: present }],
    ["is still being filled and has a configuration of fewer nodes", { peers: former.slice(0, 1) }],
  ] as const)("does not count a node that %s", async (_, differing) => {
    await restarted({}, differing, undefined);
    expect((await run("elect.sh", 0)).output).toContain("only 1 nodes with data answer, of 3");
    expect(nodes.requests).toEqual([]);
  });

  test("includes only three nodes while they are growing to five: the leader adds the others", async () => {
    await restarted({}, {}, undefined);
    await nodes.start("127.0.9.4", { term: 0, log: [0, 0], peers: present });
    writeFileSync(listFile(), `${list(...present, "127.0.9.4", "127.0.9.5")}\n`);
    await run("elect.sh", 0);
    expect(called("request_vote").map(({ address }) => address)).toEqual([first, second]);
    expect(called("append_entries")).toMatchObject([{ fields: { entries: [{ peers: present.map(name) }] } }]);
  });

  test("does not start while any node has a leader", async () => {
    await restarted({}, { leader: third }, { leader: third, peers: present });
    expect(await run("elect.sh", 0)).toMatchObject({ code: 0, output: "" });
    expect(nodes.requests).toEqual([]);
  });

  test.each([
    ["a majority refuses", [{}, { votes: false }, { votes: false }], "1 votes for ts-0 in term 3, of 2 needed"],
    [
      "the node itself refuses, because its log has grown",
      [{ votes: false }, {}, {}],
      "2 votes for ts-0 in term 3, of 2 needed",
    ],
  ] as const)("ends without an entry in any log if %s", async (_, given, reason) => {
    await restarted(...given);
    expect((await run("elect.sh", 0)).output).toContain(reason);
    expect(called("append_entries")).toEqual([]);
    expect(called("timeout_now")).toEqual([]);
  });
});

describe("a node is ready", () => {
  test("when it has a leader and is in the configuration by its present address", async () => {
    await restarted({ leader: second, peers: present }, { leader: second, peers: present });
    expect(await run("ready.sh", 0)).toEqual({ code: 0, output: "" });
    expect(await run("ready.sh", 1)).toEqual({ code: 0, output: "" });
  });

  test.each([
    ["without a leader", { peers: present }, /no leader/],
    ["while the leader knows only a former address", { leader: second }, /does not know this node's address yet/],
  ] as const)("and not %s", async (_, differing, reason) => {
    await restarted(differing);
    expect(await run("ready.sh", 0)).toMatchObject({ code: 1, output: expect.stringMatching(reason) as unknown });
  });

  test("and not while Typesense does not answer", async () => {
    await restarted(undefined, {});
    expect(await run("ready.sh", 0)).toMatchObject({
      code: 1,
      output: expect.stringMatching(/does not answer/) as unknown,
    });
  });
});

describe("the check", () => {
  beforeEach(() => {
    for (const [n, address] of present.entries())
      writeFileSync(path.join(folder, "bin", `ts-${String(n)}`), `${address}\n`);
  });

  test("finds nothing wrong while all nodes have data and a leader", async () => {
    const well = { leader: second, peers: present };
    await restarted(well, well, well);
    expect(await run("check.sh", 0)).toEqual({ code: 0, output: "" });
  });

  test("names the nodes that do not answer or have no data, and says that there is no leader", async () => {
    await restarted({}, undefined, { log: [0, 0] });
    const { code, output } = await run("check.sh", 0);
    expect(code).toBe(1);
    expect(output.trim().split("\n")).toEqual([
      expect.stringMatching(/^ts-1 does not answer\. See why: npm run kubectl -- logs --namespace nx-search ts-1 /),
      expect.stringMatching(/^ts-2 has no data: its volume is new or was lost/),
      expect.stringMatching(/^no node leads: nothing can be written\. 1 of 3 nodes answer and have data/),
    ]);
  });
});

test("the sidecar is alive while its loop runs", async () => {
  const round = path.join(folder, "started");
  writeFileSync(round, "");
  expect(await run("alive.sh", 0)).toEqual({ code: 0, output: "" });
  const before = Date.now() / 1000 - 300;
  utimesSync(round, before, before);
  expect(await run("alive.sh", 0)).toMatchObject({ code: 1, output: expect.stringMatching(/last round/) as unknown });
});

describe("the list of nodes", () => {
  const named = (ordinal: number, address: string) => {
    writeFileSync(path.join(folder, "bin", `ts-${String(ordinal)}`), `${address}\n`);
  };
  const filled = () => {
    mkdirSync(path.join(folder, "data", "state", "log"), { recursive: true });
    writeFileSync(path.join(folder, "data", "state", "log", "log_inprogress_00000000000000000001"), "");
  };
  /** Runs the sidecar until a condition holds. */
  async function runSidecarUntil(ordinal: number, condition: () => void): Promise<void> {
    const child = start("peers.sh", ordinal);
    const output = text(child.stdout);
    try {
      await eventually(condition, { timeout: 20, interval: 0.05 });
    } finally {
      child.kill();
      await once(child, "close");
    }
    expect(await output).not.toMatch(/error/i);
  }
  const started = () => existsSync(path.join(folder, "started"));

  beforeEach(async () => {
    // reserves the port number
    await nodes.start("127.0.9.100", { term: 0, log: [0, 0], peers: [] });
  });

  test("has the present addresses before Typesense starts", async () => {
    filled();
    named(1, second);
    named(2, third);
    writeFileSync(listFile(), `${list(...former)}\n`);
    await runSidecarUntil(0, () => {
      expect(started()).toBe(true);
    });
    expect(listed()).toBe(list(...present));
  });

  test("keeps the last address of a node whose name does not resolve", async () => {
    filled();
    named(2, third);
    writeFileSync(listFile(), `${list(...former)}\n`);
    await runSidecarUntil(0, () => {
      expect(listed()).toBe(list(first, former[1] ?? "", third));
    });
  });

  test("does not change if two nodes would have the same address", async () => {
    filled();
    named(1, third);
    named(2, third);
    writeFileSync(listFile(), `${list(...former)}\n`);
    await runSidecarUntil(0, () => {
      expect(existsSync(path.join(folder, "bin", "pauses"))).toBe(true);
    });
    expect(listed()).toBe(list(...former));
    expect(started()).toBe(false);
  });

  test("of a node without data has only the others: the node waits to be filled", async () => {
    named(0, first);
    named(2, third);
    await runSidecarUntil(1, () => {
      expect(started()).toBe(true);
    });
    expect(listed()).toBe(list(first, "0.0.0.0", third));
  });

  test("of the first node without data has all nodes once all others answer and have none either", async () => {
    named(1, second);
    named(2, third);
    await nodes.start(second, { term: 0, log: [0, 0], peers: [] });
    await runSidecarUntil(0, () => {
      expect(existsSync(path.join(folder, "bin", "pauses"))).toBe(true);
    });
    expect(started()).toBe(false);
    await nodes.start(third, { term: 0, log: [0, 0], peers: [] });
    await runSidecarUntil(0, () => {
      expect(started()).toBe(true);
    });
    expect(listed()).toBe(list(...present));
  });

  test("of the first node without data, if another has data, has only the others", async () => {
    named(1, second);
    named(2, third);
    await nodes.start(third, { term: 2, log: [2, 10], peers: former });
    await runSidecarUntil(0, () => {
      expect(started()).toBe(true);
    });
    expect(listed()).toBe(list("0.0.0.0", second, third));
  });
});
