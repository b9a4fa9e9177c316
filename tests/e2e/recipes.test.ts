import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { succeed } from "./command.ts";
import { primary, sql } from "./postgresql.ts";
import { recipe } from "./recipe.ts";
import { session } from "./session.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bana-recipes-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const run = (command: string): Promise<string> => succeed("sh", ["-euc", command], { cwd: folder, timeout: 120 });

/** Runs `npm run connect`, for steps that are not part of the recipe. */
const connect = (store: string, args: readonly string[], input = ""): Promise<string> => {
  const line = ["launcher/bootstrap.mjs", "connect", "--state", "e2e", store, "--", ...args];
  return succeed(process.execPath, line, { cwd: session().checkout, input, timeout: 120 });
};

describe("replay from Kafka", () => {
  const [topic, group] = ["e2e-recipes", "recipes"];
  const [describeGroup = "", reset = "", ...more] = recipe("Replay from Kafka", { GROUP: group, TOPIC: topic });
  const records = ["1", "2", "3"];

  /** Reads three records as a member of the group, from the group's offset. */
  async function read(): Promise<string[]> {
    const start = ["--timeout-ms", "30000", "--from-beginning"];
    const all = ["--topic", topic, "--group", group, "--max-messages", String(records.length), ...start];
    return (await connect("kafka", ["kafka-console-consumer.sh", ...all])).trim().split("\n");
  }

  /** The group's offset, the topic's end offset and the lag. */
  async function position(): Promise<string | undefined> {
    return new RegExp(`^${group} +${topic} +0 +(\\d+ +\\d+ +\\d+) `, "m").exec(await run(describeGroup))?.[1];
  }

  beforeAll(async () => {
    const size = ["--partitions", "1", "--replication-factor", "3"];
    await connect("kafka", ["kafka-topics.sh", "--create", "--topic", topic, ...size]);
    await connect("kafka", ["kafka-console-producer.sh", "--topic", topic], `${records.join("\n")}\n`);
    expect(await read()).toEqual(records);
    expect((await position())?.split(/ +/)).toEqual(["3", "3", "0"]);
  });
  afterAll(() => connect("kafka", ["kafka-topics.sh", "--delete", "--topic", topic]));

  test("takes two commands", () => {
    expect(more).toEqual([]);
  });

  test("lets a group that has read everything read the records since a point in time again", async () => {
    await run(reset);
    expect(await read()).toEqual(records);
  });

  test("lets a group read all records again with --to-earliest", async () => {
    const earliest = reset.replace(/--to-datetime \S+/, "--to-earliest");
    expect(earliest).not.toBe(reset);
    await run(earliest);
    expect((await position())?.split(/ +/)).toEqual(["0", "3", "3"]);
  });
});

/** Runs `use` with the local port while a port-forwarding command runs. */
async function whileForwarding(command: string, use: (port: string) => Promise<void>): Promise<void> {
  const child = spawn("sh", ["-euc", command], { cwd: folder, stdio: ["ignore", "pipe", "inherit"], detached: true });
  const ended = new Promise((resolve) => child.once("close", resolve));
  try {
    const port = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).on("line", (line) => {
        const found = /^address +127\.0\.0\.1:(\d+),/.exec(line)?.[1];
        if (found !== undefined) resolve(found);
      });
      child.once("close", () => {
        reject(new Error(`ended before it printed its port: ${command}`));
      });
    });
    await use(port);
  } finally {
    // like Ctrl+C: interrupts the whole process group
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGINT");
    await ended;
  }
}

describe("rebuild Typesense collections", () => {
  const request = (...words: readonly string[]) => connect("typesense", words);
  const collection = (name: string) => JSON.stringify({ name, fields: [{ name: "name", type: "string" }] });

  beforeAll(async () => {
    await sql(
      primary,
      String.raw`create table recipes (id bigint primary key, name text not null);
       insert into recipes select n, 'dish ' || n from generate_series(1, 500) n;
       insert into recipes values (501, E'phở "bò"\\ with\na new line');`,
    );
    await request("POST", "/collections", collection("recipes-1"));
    await request("PUT", "/aliases/recipes", '{"collection_name":"recipes-1"}');
  });
  afterAll(async () => {
    await sql(primary, "drop table recipes");
    await request("DELETE", "/aliases/recipes");
    await request("DELETE", "/collections/recipes-2");
  });

  test("points the alias to a new collection with all rows of the table and deletes the old one", async () => {
    const commands = recipe("Rebuild Typesense collections", { products: "recipes" });
    const forwarding = commands.findIndex((command) => command.endsWith("--port-forward"));
    for (const command of commands.slice(0, forwarding)) await run(command);
    await whileForwarding(commands[forwarding] ?? "", async (port) => {
      for (const command of commands.slice(forwarding + 1)) await run(command.replace("PORT", port));
    });

    expect(JSON.parse(await request("GET", "/aliases/recipes"))).toMatchObject({ collection_name: "recipes-2" });
    const exported = (await request("GET", "/collections/recipes/documents/export")).trim().split("\n");
    const rows = await sql(
      primary,
      "select row_to_json(d) from (select id::text, name from recipes order by recipes.id) as d",
    );
    const parsed = (lines: readonly string[]) => lines.map((line) => JSON.parse(line) as { id: string });
    expect(parsed(exported).sort((a, b) => Number(a.id) - Number(b.id))).toEqual(parsed(rows.split("\n")));
    expect(exported).toHaveLength(501);
    await expect(request("GET", "/collections/recipes-1")).rejects.toThrow("404");
  });
});
