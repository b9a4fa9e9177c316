import { eventually } from "../e2e/eventually.ts";
import { exec, kubectl, type Named } from "../e2e/kubernetes.ts";
import { hosts, loginEnvironment, passwordOf, primary, sql } from "../e2e/postgresql.ts";
import { bare, withBareServers } from "./bare.ts";
import { withClient } from "./client.ts";
import { inTurns, type Measurement, throughput } from "./measure.ts";

const rounds = 3;
const minimumRatio = 0.9;
const minimumPooledRatio = 0.7;
const server: Named = { namespace: primary.namespace, name: "nx-postgresql-primary" };
/** 150 MB, more than the server's shared buffers. */
const initialize = ["pgbench", "--initialize", "--quiet", "--scale=10"];
/** Numbers of concurrent clients. */
const concurrency = [1, 16] as const;
/** pgbench's built-in transactions, similar to TPC-B. */
const transactions = (clients: number): string[] => [
  "pgbench",
  `--client=${clients}`,
  `--jobs=${Math.min(clients, 2)}`,
  "--time=15",
  "--no-vacuum",
];

/**
 * pgbench from the applications' namespace, directly and through PgBouncer, compared with the same server in a plain
 * pod. The replica and Debezium are scaled to zero meanwhile, because the bare server has neither a standby nor change
 * data capture.
 */
export function postgresql(): Promise<Measurement[]> {
  return withClient(primary, (client) => withBareServers(server, () => withoutReaders(() => compare(client))));
}

async function compare(client: Named): Promise<Measurement[]> {
  // the pooler allows the superuser few connections
  const user = "nx_seller_operator";
  const password = await passwordOf(user);
  const at = (host: string, argv: readonly string[]): Promise<string> =>
    exec(client, ["env", ...loginEnvironment({ host, user, password }), ...argv], { timeout: 120 });
  const tps = async (host: string, clients: number): Promise<number> =>
    Number(/^tps = ([\d.]+)/m.exec(await at(host, transactions(clients)))?.[1] ?? NaN);
  const bareHost = bare(hosts.primary);
  await eventually(() => at(bareHost, ["psql", "--command=select 1"]));
  await at(hosts.primary, initialize);
  await at(bareHost, initialize);

  const measurements: Measurement[] = [];
  for (const clients of concurrency) {
    const measured = await inTurns(rounds, {
      direct: () => tps(hosts.primary, clients),
      bare: () => tps(bareHost, clients),
      pooled: () => tps(hosts.pgbouncer, clients),
    });
    const name = `pgbench, ${clients} ${clients === 1 ? "client" : "clients"}`;
    measurements.push(
      throughput(`${name}, vs. the same server in a plain pod`, measured.direct, minimumRatio, measured.bare, "tps"),
      throughput(`${name}, through PgBouncer vs. direct`, measured.pooled, minimumPooledRatio, measured.direct, "tps"),
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

/**
 * Drops the replication slots: a standby's slot would keep vacuum from removing dead rows, which slows down pgbench
 * with every run. Replica and Debezium recreate theirs.
 */
async function dropSlots(): Promise<void> {
  await eventually(() => sql(primary, "select pg_drop_replication_slot(slot_name) from pg_replication_slots"));
}
