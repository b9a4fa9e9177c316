import { eventually } from "../e2e/eventually.ts";
import { exec, kubectl, list, type Named, type Pod } from "../e2e/kubernetes.ts";
import { database, hosts, loginEnvironment, passwordOf, primary, sql } from "../e2e/postgresql.ts";
import { bareMachine, loopback, type Server, stopAll } from "./bare.ts";
import { withClient } from "./client.ts";
import { inTurns, type Measurement, throughput } from "./measure.ts";

const rounds = 3;
const leastPart = 0.8;
/** 150 MB, which is more than the server's shared buffers. */
const initialize = ["pgbench", "--initialize", "--quiet", "--scale=10"];
/** pgbench's own mix of reads and writes, close to TPC-B. */
const run = ["pgbench", "--client=8", "--jobs=2", "--time=15", "--no-vacuum"];
const ports = { postgresql: 25432, pgbouncer: 26432 };

/**
 * pgbench from a pod of the applications, against the same servers on the bare machine. What reads the changes rests meanwhile:
 * the bare server has no standby, and nobody who captures each change of its tables.
 */
export function postgresql(): Promise<Measurement[]> {
  return withClient(primary, compare);
}

async function compare(client: Named): Promise<Measurement[]> {
  await scaleReaders(0);
  await dropSlots();
  const password = await passwordOf("postgres");
  const inCluster = (host: string, argv: readonly string[]): Promise<string> =>
    exec(client, ["env", ...loginEnvironment({ host, user: "postgres", password }), ...argv], { timeout: 120 });
  await inCluster(hosts.primary, initialize);

  const bare = await bareServers(password);
  try {
    await bare.client(ports.postgresql, initialize);
    const tps = async (output: Promise<string>): Promise<number> =>
      Number(/^tps = ([\d.]+)/m.exec(await output)?.[1] ?? NaN);
    const found = await inTurns(rounds, {
      direct: () => tps(inCluster(hosts.primary, run)),
      directBare: () => tps(bare.client(ports.postgresql, run)),
      pooled: () => tps(inCluster(hosts.pgbouncer, run)),
      pooledBare: () => tps(bare.client(ports.pgbouncer, run)),
    });
    return [
      throughput(
        "pgbench, directly to the primary, against the bare machine",
        found.direct,
        leastPart,
        found.directBare,
        "tps",
      ),
      throughput(
        "pgbench, through PgBouncer, against the bare machine",
        found.pooled,
        leastPart,
        found.pooledBare,
        "tps",
      ),
    ];
  } finally {
    await bare.stop();
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

interface BareServers {
  /** Runs a client program on the bare machine. */
  client(port: number, argv: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

/** PostgreSQL and PgBouncer as in their pods, with data of their own on the primary's volume. */
async function bareServers(password: string): Promise<BareServers> {
  const machine = await bareMachine(primary, "postgresql");
  const running: Server[] = [];
  const environment = { PGHOST: loopback, PGUSER: "postgres", PGPASSWORD: password, PGDATABASE: database };
  const client = (port: number, argv: readonly string[]): Promise<string> =>
    machine.run(argv, { env: { ...environment, PGPORT: String(port) }, timeout: 120 });
  const stop = (): Promise<void> => stopAll(running);
  try {
    const data = "/var/lib/postgresql/data/bare";
    await machine.run(["rm", "-rf", data]);
    const layout = ["--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"];
    await machine.run(["initdb", `--pgdata=${data}`, "--username=postgres", ...layout]);
    const own = { listen_addresses: loopback, port: ports.postgresql, data_directory: data };
    const changed = Object.entries(own).map(([name, value]) => `--${name}=${value}`);
    running.push(machine.start([...machine.argv, ...changed]));
    const bySocket = ["psql", "--host=/var/run/postgresql", `--port=${ports.postgresql}`, "--username=postgres"];
    await eventually(() => machine.run([...bySocket, "--command=select 1"]));
    await machine.run(bySocket, { input: `alter role postgres password '${password}'; create database ${database};` });
    running.push(await pooler());
    await eventually(() => client(ports.pgbouncer, ["psql", "--command=select 1"]));
    return { client, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** PgBouncer with its pod's configuration, in front of the bare PostgreSQL. */
async function pooler(): Promise<Server> {
  const pods = await list<Pod>("pods", "nx-persistent");
  const pod = pods.find(({ metadata }) => metadata.name.startsWith("nx-pgbouncer-"));
  if (pod === undefined) throw new Error("there is no pod of PgBouncer");
  const machine = await bareMachine({ namespace: "nx-persistent", name: pod.metadata.name }, "pgbouncer");
  const [program = "", file = ""] = machine.argv;
  const configuration = machine
    .read(file)
    .replace(/ host=\S+ port=\d+/, ` host=${loopback} port=${ports.postgresql}`)
    .replace(/^listen_addr = .*$/m, `listen_addr = ${loopback}`)
    .replace(/^listen_port = .*$/m, `listen_port = ${ports.pgbouncer}`);
  const copy = "/run/pgbouncer/bare.ini";
  await machine.run(["tee", copy], { input: configuration });
  return machine.start([program, copy]);
}
