import { eventually } from "../e2e/eventually.ts";
import { exec, get, type Named, type Pod } from "../e2e/kubernetes.ts";
import { secretData } from "../e2e/postgresql.ts";
import { type Bare, bareMachine, loopback, type Server, stopAll } from "./bare.ts";
import { withClient } from "./client.ts";
import { inTurns, type Measurement, throughput } from "./measure.ts";

const rounds = 3;
const leastPart = 0.8;
const namespace = "nx-broker";
const pods: readonly Named[] = [0, 1, 2].map((node) => ({ namespace, name: `nx-redis-${node}` }));
const firstPort = 26379;
const commands = ["SET", "GET"] as const;
/**
 * Commands that a connection sends at once. One at a time, two processors do little else than pass packets, which is the
 * network of the embedded cluster against the loopback; sixteen, as cluster-aware clients do under load, show the servers.
 * redis-benchmark looks only every 250 ms whether it is done: as many requests as take ten seconds.
 */
const pipelines = [
  { depth: 1, requests: 800_000 },
  { depth: 16, requests: 5_000_000 },
] as const;
/** Keys over all slots, 100 bytes each. */
const load = ["--cluster", "-c", "50", "-d", "100", "-r", "100000", "--csv"];

/** redis-benchmark from a pod of the applications, against the same three masters on the bare machine. */
export function redis(): Promise<Measurement[]> {
  const [first] = pods;
  return withClient(first ?? { namespace, name: "" }, compare);
}

async function compare(client: Named): Promise<Measurement[]> {
  const { REDIS_PASSWORD: password = "" } = await secretData({ namespace, name: "nx-redis-secret" });
  const host = `nx-redis.${namespace}.svc.cluster.local`;
  const machine = await bareCluster();
  try {
    const measurements: Measurement[] = [];
    for (const { depth, requests } of pipelines) {
      for (const command of commands) {
        const benchmark = [
          "redis-benchmark",
          ...load,
          "-n",
          `${requests}`,
          "-P",
          `${depth}`,
          "-t",
          command.toLowerCase(),
        ];
        const rps = async (output: Promise<string>): Promise<number> =>
          Number(new RegExp(`^"${command}","([\\d.]+)"`, "m").exec(await output)?.[1] ?? NaN);
        const { cluster, bare } = await inTurns(rounds, {
          cluster: () => rps(exec(client, [...benchmark, "-h", host, "-a", password], { timeout: 180 })),
          bare: () => rps(machine.client([...benchmark, "-h", loopback, "-p", String(firstPort)])),
        });
        const what = `redis-benchmark, ${command}, ${depth} at a time, against the bare machine`;
        measurements.push(throughput(what, cluster, leastPart, bare, "/s"));
      }
    }
    return measurements;
  } finally {
    await machine.stop();
  }
}

interface BareCluster {
  client(argv: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

/** Three masters as in their pods, each with data of its own on its pod's volume, and without a password. */
async function bareCluster(): Promise<BareCluster> {
  const machines: Bare[] = [];
  const running: Server[] = [];
  const stop = (): Promise<void> => stopAll(running);
  try {
    for (const [index, pod] of pods.entries()) {
      const machine = await bareMachine(pod, "redis");
      const { spec } = await get<Pod & { spec: { containers: { args?: string[] }[] } }>("pod", pod);
      // What the kubelet puts in for variables is replaced below.
      const args = (spec.containers[0]?.args ?? []).map((argument) => argument.replaceAll(/\$\(\w+\)/g, pod.name));
      await machine.run(["rm", "-rf", "/data/bare"]);
      await machine.run(["mkdir", "/data/bare"]);
      const own = {
        bind: loopback,
        port: firstPort + index,
        dir: "/data/bare",
        "cluster-config-file": "/data/bare/nodes.conf",
        "cluster-announce-ip": loopback,
        "cluster-announce-hostname": "",
        "cluster-preferred-endpoint-type": "ip",
      };
      const changed = Object.entries(own).flatMap(([option, value]) => [`--${option}`, String(value)]);
      running.push(machine.start(["redis-server", ...args, ...changed]));
      machines.push(machine);
    }
    const [machine] = machines;
    if (machine === undefined) throw new Error("there are no pods of Redis");
    const nodes = machines.map((_, index) => `${loopback}:${firstPort + index}`);
    const client = (argv: readonly string[]): Promise<string> => machine.run(argv, { timeout: 180 });
    for (const index of machines.keys()) {
      await eventually(
        async () => (await client(["redis-cli", "-p", String(firstPort + index), "ping"])).trim() === "PONG",
      );
    }
    await client(["redis-cli", "--cluster", "create", ...nodes, "--cluster-yes"]);
    await eventually(async () =>
      (await client(["redis-cli", "-p", String(firstPort), "cluster", "info"])).includes("cluster_state:ok"),
    );
    return { client, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
