import { exec, type Named } from "../e2e/kubernetes.ts";
import { poolerConsole } from "../e2e/pooler.ts";
import { hosts, loginEnvironment, passwordOf, primary } from "../e2e/postgresql.ts";
import { withClient } from "./client.ts";
import { inTurns, type Measurement, throughput } from "./measure.ts";

const rounds = 3;
const clients = 16;
/** pgbench's loads: what one transaction does, its options, and the least share of throughput that the reset leaves. */
const loads = [
  { name: "TPC-B", options: [], factor: 0.7 },
  { name: "one select", options: ["--select-only"], factor: 0.3 },
  { name: "one prepared select", options: ["--select-only", "--protocol=prepared"], factor: 0.2 },
] as const;

/** What `pgbouncer.resetSession` costs: pgbench through the pooler with it, compared with pgbench without it. */
export function sessionReset(): Promise<Measurement[]> {
  return withClient(primary, async (client) => {
    try {
      return await compare(client);
    } finally {
      await poolerConsole("reload");
    }
  });
}

async function compare(client: Named): Promise<Measurement[]> {
  const login = { host: hosts.pgbouncer, user: "nx_seller_operator", password: await passwordOf("nx_seller_operator") };
  const pgbench = (...args: readonly string[]): Promise<string> =>
    exec(client, ["env", ...loginEnvironment(login), "pgbench", ...args], { timeout: 120 });
  const tps = async (reset: boolean, options: readonly string[]): Promise<number> => {
    await poolerConsole(`set server_reset_query_always = ${reset ? "1" : "0"}`);
    const output = await pgbench(`--client=${String(clients)}`, "--jobs=2", "--time=10", "--no-vacuum", ...options);
    return Number(/^tps = ([\d.]+)/m.exec(output)?.[1] ?? NaN);
  };
  await pgbench("--initialize", "--quiet", "--scale=10");
  const measurements: Measurement[] = [];
  for (const { name, options, factor } of loads) {
    const { on, off } = await inTurns(rounds, { on: () => tps(true, options), off: () => tps(false, options) });
    measurements.push(throughput(`pgbench, ${name}, with vs. without session reset`, on, factor, off, "tps"));
  }
  return measurements;
}
