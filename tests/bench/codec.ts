import { exec, type Named, tryExec } from "../e2e/kubernetes.ts";
import { withClient } from "./client.ts";
import { bin, heap, login, prepare, tool } from "./kafka.ts";
import { inTurns, type Measurement, throughput } from "./measure.ts";

const rounds = 3;
const events = 100_000;
/** Of the throughput without compression. */
const minimumRatio = { gzip: 0.5, lz4: 0.8 } as const;
const payload = "/tmp/events.txt";

type Codec = "none" | keyof typeof minimumRatio;

/** Cost of the codecs of change events: throughput, CPU time of the producer, and bytes on the brokers' disks. */
export function codec(): Promise<Measurement[]> {
  return withClient({ namespace: "nx-broker", name: "nx-kafka-0" }, async (client) => {
    await exec(client, ["tee", payload], { input: sample() });
    const cpu: Record<Codec, number> = { none: 0, gzip: 0, lz4: 0 };
    const size: Record<Codec, number> = { none: 0, gzip: 0, lz4: 0 };
    const codecs = Object.keys(cpu) as Codec[];
    const properties = (each: Codec): string => `/tmp/${each}.properties`;
    const credentials = await login();
    for (const each of codecs)
      await prepare(client, properties(each), credentials, { topic: topic(each), codec: each });
    const measure = (each: Codec) => async () => {
      const run = await produce(client, properties(each), topic(each));
      cpu[each] += run.cpu / rounds;
      return run.throughput;
    };
    const measured = await inTurns(rounds, { none: measure("none"), gzip: measure("gzip"), lz4: measure("lz4") });
    for (const each of codecs) size[each] = await bytes(client, properties(each), topic(each), credentials);
    const cost = (each: Codec): string => `${cpu[each].toFixed(0)} us CPU, ${size[each].toFixed(0)} B`;
    return (["gzip", "lz4"] as const).map((each) =>
      throughput(
        `change events with ${each} (${cost(each)} each) vs. none (${cost("none")})`,
        ...([measured[each], minimumRatio[each], measured.none, "/s"] as const),
      ),
    );
  });
}

const topic = (each: Codec): string => `bench-${each}`;

/** Events as Debezium writes them, with the names and values of a shop. */
function sample(): string {
  const names = ["lamp", "candle", "table", "chair", "shelf", "mirror", "carpet"];
  return Array.from({ length: 2000 }, (_, index) => {
    const [time, position] = [1769866620123 + index * 37, 33554440 + index * 288];
    const times = { ts_ms: time, ts_us: time * 1000, ts_ns: time * 1_000_000 };
    const row = {
      ...{ id: index, customer: (index * 7919) % 1000, name: names[index % names.length], note: null },
      ...{ price: `${(index * 31) % 500}.50`, created_at: new Date(time).toISOString(), status: "paid" },
    };
    const source = {
      ...{ version: "3.0.0.Final", connector: "postgresql", name: "nx_seller_core", snapshot: "false" },
      ...{ db: "nx_seller_core", sequence: `["${position - 56}","${position}"]`, schema: "sale", table: "order_items" },
      ...{ txId: 774 + index, lsn: position, xmin: null, ...times },
    };
    return `${JSON.stringify({ before: null, after: row, source, transaction: null, op: "c", ...times })}\n`;
  }).join("");
}

/** Events per second, and the producer's CPU time for each in microseconds, with its start. */
async function produce(client: Named, properties: string, to: string): Promise<{ throughput: number; cpu: number }> {
  const time = ["env", heap, "time", "-f", "CPU %U %S", `${bin}/kafka-producer-perf-test.sh`];
  const load = ["--topic", to, `--num-records=${events}`, `--payload-file=${payload}`, "--throughput=-1"];
  const { stdout, stderr } = await tryExec(client, [...time, ...load, "--producer.config", properties], {
    timeout: 300,
  });
  const [, user, system] = /^CPU ([\d.]+) ([\d.]+)/m.exec(stderr) ?? [];
  return {
    throughput: Number(new RegExp(`^${events} records sent, ([\\d.]+) records/sec`, "m").exec(stdout)?.[1] ?? NaN),
    cpu: ((Number(user) + Number(system)) / events) * 1e6,
  };
}

/** Bytes of an event on one broker's disk. */
async function bytes(
  client: Named,
  properties: string,
  of: string,
  credentials: Awaited<ReturnType<typeof login>>,
): Promise<number> {
  const server = ["--bootstrap-server", credentials["bootstrap.servers"] ?? "", "--command-config", properties];
  const printed = await tool(client, "kafka-log-dirs", ...server, "--describe", "--topic-list", of);
  const sizes = [...printed.matchAll(/"size":(\d+)/g)].map(([, size]) => Number(size));
  return sizes.reduce((sum, size) => sum + size, 0) / 3 / (rounds * events);
}
