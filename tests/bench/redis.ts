import { eventually } from "../e2e/eventually.ts";
import { exec, type Named } from "../e2e/kubernetes.ts";
import { secretData } from "../e2e/postgresql.ts";
import { bare, bareAddresses, withBareServers } from "./bare.ts";
import { withClient } from "./client.ts";
import { inTurns, type Measurement, throughput } from "./measure.ts";

const rounds = 3;
const minimumRatio = 0.9;
const namespace = "nx-broker";
const servers: Named = { namespace, name: "nx-redis" };
const host = `nx-redis.${namespace}.svc.cluster.local`;
const commands = ["SET", "GET"] as const;
/**
 * Pipeline depths. With 1, two CPUs mostly pass packets; 16, which cluster-aware clients reach under load, measures the
 * servers. redis-benchmark checks only every 250 ms whether it has finished, hence enough requests for ten seconds.
 */
const pipelines = [
  { depth: 1, requests: 800_000 },
  { depth: 16, requests: 5_000_000 },
] as const;
/** Keys in all slots, values of 100 bytes. */
const load = ["--cluster", "-c", "50", "-d", "100", "-r", "100000", "--csv"];

/** redis-benchmark from the applications' namespace, compared with the same three masters in plain pods. */
export function redis(): Promise<Measurement[]> {
  return withClient({ namespace, name: "nx-redis-0" }, (client) => withBareServers(servers, () => compare(client)));
}

async function compare(client: Named): Promise<Measurement[]> {
  const { REDIS_PASSWORD: password = "" } = await secretData({ namespace, name: "nx-redis-secret" });
  const run = (program: string, ...args: string[]): Promise<string> =>
    exec(client, ["env", `REDISCLI_AUTH=${password}`, program, ...args], { timeout: 180 });
  await joinBareServers((...args) => run("redis-cli", ...args));

  const measurements: Measurement[] = [];
  for (const { depth, requests } of pipelines) {
    for (const command of commands) {
      const rps = async (at: string): Promise<number> => {
        const size = ["-n", `${requests}`, "-P", `${depth}`, "-t", command.toLowerCase()];
        const output = await run("redis-benchmark", ...load, ...size, "-h", at, "-a", password);
        return Number(new RegExp(`^"${command}","([\\d.]+)"`, "m").exec(output)?.[1] ?? NaN);
      };
      const measured = await inTurns(rounds, { layer: () => rps(host), bare: () => rps(bare(host)) });
      const name = `redis-benchmark, ${command}, pipeline ${depth}, vs. the same servers in plain pods`;
      measurements.push(throughput(name, measured.layer, minimumRatio, measured.bare, "/s"));
    }
  }
  return measurements;
}

/** Creates a cluster from the bare servers. */
async function joinBareServers(redisCli: (...args: string[]) => Promise<string>): Promise<void> {
  const addresses = await bareAddresses();
  for (const address of addresses) {
    await eventually(async () => (await redisCli("-h", address, "ping")).trim() === "PONG");
  }
  await redisCli("--cluster", "create", ...addresses.map((address) => `${address}:6379`), "--cluster-yes");
  await eventually(async () => (await redisCli("-h", bare(host), "cluster", "info")).includes("cluster_state:ok"));
}
