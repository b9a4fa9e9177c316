import { afterEach, describe, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import type { Server } from "node:net";
import path from "node:path";

const script = path.resolve(import.meta.dirname, "../../../components/kafka/statefulset/replication.sh");

interface Partition {
  readonly replicas: readonly number[];
  readonly inSync: readonly number[];
}

interface Cluster {
  /** Registered brokers. */
  readonly brokers: readonly number[];
  readonly topics: Readonly<Record<string, readonly Partition[]>>;
}

const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const string = (text: string): Buffer => Buffer.concat([int16(Buffer.byteLength(text)), Buffer.from(text)]);
const list = (items: readonly Buffer[]): Buffer => Buffer.concat([int32(items.length), ...items]);
const nodes = (ids: readonly number[]): Buffer => list(ids.map(int32));

/** The response to a Metadata request of version 1, as the protocol defines it. */
function metadata({ brokers, topics }: Cluster): Buffer {
  const answer = Buffer.concat([
    int32(0),
    list(
      // the first one without a rack, the others with one
      brokers.map((id, index) =>
        Buffer.concat([
          int32(id),
          string(`broker-${String(id)}`),
          int32(29092),
          index === 0 ? int16(-1) : string("rack"),
        ]),
      ),
    ),
    int32(brokers[0] ?? -1),
    list(
      Object.entries(topics).map(([name, partitions]) =>
        Buffer.concat([
          int16(0),
          string(name),
          Buffer.from([0]),
          list(
            partitions.map(({ replicas, inSync }, index) =>
              Buffer.concat([int16(0), int32(index), int32(inSync[0] ?? -1), nodes(replicas), nodes(inSync)]),
            ),
          ),
        ]),
      ),
    ),
  ]);
  return Buffer.concat([int32(answer.length), answer]);
}

const request = Buffer.from("0000000e000300010000" + "0000" + "ffff" + "ffffffff", "hex");

describe("a broker's replication", () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
  });

  /** Asks node 1 of a cluster that has 2 as its least number of copies in sync. */
  async function ask(question: string, answer: Buffer | undefined): Promise<{ code: number | null; said: string }> {
    server = createServer((socket) => {
      socket.once("data", (asked) => {
        expect(asked.toString("hex")).toBe(request.toString("hex"));
        if (answer === undefined) socket.end();
        // in two parts, and without closing the connection, as the broker does
        else socket.write(answer.subarray(0, 7), () => setTimeout(() => socket.write(answer.subarray(7)), 20));
      });
    });
    const port = await new Promise<number>((resolve) => {
      server?.listen(0, "127.0.0.1", () => {
        const address = server?.address();
        resolve(typeof address === "object" && address ? address.port : 0);
      });
    });
    const env = { PATH: process.env["PATH"], INTERNAL_PORT: String(port), POD_NAME: "nx-kafka-1", MIN_IN_SYNC: "2" };
    const child = spawn("bash", [script, question], { env });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (said += text.toString()));
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { code, said: said.trim() };
  }

  const all = [0, 1, 2];
  const whole = { replicas: all, inSync: all };

  test.each([
    ["there are no topics yet", { brokers: all, topics: {} }, undefined],
    ["it is in sync everywhere", { brokers: all, topics: { a: [whole, whole], b: [whole] } }, undefined],
    ["only others lag", { brokers: all, topics: { a: [{ replicas: all, inSync: [1, 2] }] } }, undefined],
    ["only others have replicas", { brokers: all, topics: { a: [{ replicas: [0, 2], inSync: [0] }] } }, undefined],
    ["it is not in service", { brokers: [0, 2], topics: { a: [whole] } }, "not in service"],
    [
      "it lags",
      { brokers: all, topics: { a: [whole, { replicas: all, inSync: [0, 2] }], b: [{ replicas: [1], inSync: [] }] } },
      "2 partitions are not in sync",
    ],
  ])("is caught up or not: %s", async (_, cluster: Cluster, problem) => {
    expect(await ask("caught-up", metadata(cluster))).toEqual({
      code: problem === undefined ? 0 : 1,
      said: problem ?? "",
    });
  });

  test.each([
    ["there are no topics yet", [], undefined],
    ["all are in sync", [whole], undefined],
    ["it lags, and no partition needs it", [{ replicas: all, inSync: [0, 2] }], undefined],
    ["it is one of the last two", [{ replicas: all, inSync: [1, 2] }, whole], "1 partitions need this broker"],
    ["it is the last one", [{ replicas: all, inSync: [1] }], "1 partitions need this broker"],
    ["of two replicas, one stays", [{ replicas: [1, 2], inSync: [1, 2] }], undefined],
    ["of two replicas, none would stay", [{ replicas: [1, 2], inSync: [1] }], "1 partitions need this broker"],
    ["a partition with a single replica does not count", [{ replicas: [1], inSync: [1] }], undefined],
    ["only others have replicas", [{ replicas: [0, 2], inSync: [0] }], undefined],
  ])("is dispensable or not: %s", async (_, partitions: readonly Partition[], problem) => {
    const answer = metadata({ brokers: all, topics: { topic: partitions } });
    expect(await ask("dispensable", answer)).toEqual({ code: problem === undefined ? 0 : 1, said: problem ?? "" });
  });

  test.each([
    ["all is well", { brokers: all, topics: { a: [whole] } }, /^$/],
    [
      "a broker is away",
      { brokers: [0, 1], topics: { a: [whole, { replicas: all, inSync: [0, 1] }] } },
      /^broker nx-kafka-2 is not in service.*\n1 partitions are not fully replicated yet/,
    ],
    [
      "too few are in sync",
      { brokers: all, topics: { a: [whole], orders: [{ replicas: all, inSync: [0] }] } },
      /^1 partitions have fewer than 2 replicas in sync, of the topics orders: writes with acks=all fail\n/,
    ],
    [
      "a partition has no leader",
      { brokers: [0, 1], topics: { "nx-status": [{ replicas: [2], inSync: [] }] } },
      /1 partitions have no leader, of the topics nx-status: they can neither be read nor written/,
    ],
  ])("has problems or not: %s", async (_, cluster: Cluster, said) => {
    const answer = await ask("problems", metadata(cluster));
    expect(answer.said).toMatch(said);
    expect(answer.code).toBe(answer.said === "" ? 0 : 1);
  });

  test("of thousands of partitions is read within seconds", async () => {
    const topics = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`t${String(index)}`, Array<Partition>(50).fill(whole)]),
    );
    const started = performance.now();
    expect((await ask("caught-up", metadata({ brokers: all, topics }))).code).toBe(0);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test("is unknown when the broker closes the connection or does not listen", async () => {
    expect(await ask("caught-up", undefined)).toEqual({ code: 1, said: "the broker closed the connection" });
    server?.close();
    const env = { PATH: process.env["PATH"], INTERNAL_PORT: "1", POD_NAME: "nx-kafka-1", MIN_IN_SYNC: "2" };
    const code = await new Promise((resolve) =>
      spawn("bash", [script, "caught-up"], { env, stdio: "ignore" }).once("close", resolve),
    );
    expect(code).toBe(1);
  });
});
