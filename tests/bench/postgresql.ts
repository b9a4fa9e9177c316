import { eventually } from "../e2e/eventually.ts";
import { exec, kubectl, type Named } from "../e2e/kubernetes.ts";
import { hosts, loginEnvironment, passwordOf, primary, sql } from "../e2e/postgresql.ts";
import { bare, withBareServers } from "./bare.ts";
import { withClient } from "./client.ts";
import { inTurns, type Measurement, throughput } from "./measure.ts";

const rounds = 3;
const leastPart = 0.9;
const leastPooledPart = 0.7;
const server: Named = { namespace: primary.namespace, name: "nx-postgresql-primary" };
/** 150 MB, which is more than the server's shared buffers. */
const initialize = ["pgbench", "--initialize", "--quiet", "--scale=10"];
/** Clients that run transactions side by side. */
const parallel = [1, 16] as const;
/** pgbench's own mix of reads and writes, close to TPC-B. */
const transactions = (clients: number): string[] => [
  "pgbench",
  `--client=${clients}`,
  `--jobs=${Math.min(clients, 2)}`,
  "--time=15",
  "--no-vacuum",
];

/**
 * pgbench from a pod of the applications, against the same server without the layer, and through PgBouncer. What reads the changes
 * rests meanwhile: the bare server has no standby, and nobody who captures each change of its tables.
 */
export function postgresql(): Promise<Measurement[]> {
  return withClient(primary, (client) => withBareServers(server, () => withoutReaders(() => compare(client))));
}

async function compare(client: Named): Promise<Measurement[]> {
  const password = await passwordOf("postgres");
  const at = (host: string, argv: readonly string[]): Promise<string> =>
    exec(client, ["env", ...loginEnvironment({ host, user: "postgres", password }), ...argv], { timeout: 120 });
  const tps = async (host: string, clients: number): Promise<number> =>
    Number(/^tps = ([\d.]+)/m.exec(await at(host, transactions(clients)))?.[1] ?? NaN);
  const bareHost = bare(hosts.primary);
  await eventually(() => at(bareHost, ["psql", "--command=select 1"]));
  await at(hosts.primary, initialize);
  await at(bareHost, initialize);

  const measurements: Measurement[] = [];
  for (const clients of parallel) {
    const found = await inTurns(rounds, {
      direct: () => tps(hosts.primary, clients),
      bare: () => tps(bareHost, clients),
      pooled: () => tps(hosts.pgbouncer, clients),
    });
    const what = `pgbench, ${clients} at a time`;
    measurements.push(
      throughput(`${what}, against the same server without the layer`, found.direct, leastPart, found.bare, "tps"),
      throughput(`${what}, through PgBouncer, against directly`, found.pooled, leastPooledPart, found.direct, "tps"),
    );
  }
  return measurements;
}

async function withoutReaders<T>(measure: () => Promise<T>): Promise<T> {
  try {
    await scaleReaders(0);
    await dropSlots();
    return await measure();
  } finally {
    await scaleReaders(1);
  }
}

async function scaleReaders(replicas: number): Promise<void> {
  const scale = ["scale", `--replicas=${replicas}`];
  await kubectl([...scale, "statefulset/nx-postgresql-replica", "--namespace=nx-persistent"]);
  await kubectl([...scale, "deployment/nx-debezium", "--namespace=nx-search"]);
}

/** The slot of a standby that rests keeps dead rows from being cleaned up, which slows pgbench more from run to run. Both readers make theirs again. */
async function dropSlots(): Promise<void> {
  await eventually(() => sql(primary, "select pg_drop_replication_slot(slot_name) from pg_replication_slots"));
}
