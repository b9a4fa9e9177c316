import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { apply, exec, get, isReady, kubectl, kubectlCommand, list, type Named, type Pod } from "./kubernetes.ts";

const namespace = "nx-broker";

/** A pod of the Redis Cluster. */
export const redisPod = (ordinal: number): Named => ({ namespace, name: `nx-redis-${ordinal}` });

/** All pods of the Redis Cluster. */
export const redisPods = async (): Promise<Pod[]> =>
  (await list<Pod>("pods", namespace)).filter(({ metadata }) => /^nx-redis-\d+$/.test(metadata.name));

/** Waits until there are so many pods, none of them one of `not`, and all are Ready. */
export async function redisPodsReady(count: number, not: readonly Pod[] = []): Promise<Pod[]> {
  const old = new Set(not.map(({ metadata }) => metadata.uid));
  return eventually(
    async () => {
      const pods = await redisPods();
      expect(pods.filter((pod) => isReady(pod) && !old.has(pod.metadata.uid))).toHaveLength(count);
      return pods;
    },
    { timeout: 180 },
  );
}

/** Runs redis-cli in a pod of the cluster. */
export async function redisCli(pod: Named, ...args: string[]): Promise<string> {
  const script = 'REDISCLI_AUTH=$(cat /run/redis/password) exec redis-cli "$@"';
  return (await exec(pod, ["sh", "-c", script, "sh", ...args], { timeout: 30 })).replaceAll("\r", "").trim();
}

/** A node as one of the cluster's pods sees it. */
export interface ClusterNode {
  readonly id: string;
  readonly host: string;
  readonly flags: readonly string[];
  /** Id of its master; `-` if it is one. */
  readonly master: string;
  readonly slots: string;
  readonly epoch: string;
}

/** The cluster as a pod sees it, by host name. */
export async function clusterNodes(pod: Named): Promise<ClusterNode[]> {
  return (await redisCli(pod, "cluster", "nodes"))
    .split("\n")
    .map((line) => {
      const [id = "", address = "", flags = "", master = "", , , epoch = "", , ...slots] = line.split(" ");
      const host = address.split(",")[1]?.split(".")[0] ?? "";
      return { id, host, flags: flags.replace("myself,", "").split(","), master, slots: slots.join(" "), epoch };
    })
    .sort((a, b) => a.host.localeCompare(b.host));
}

/** Waits until no pod of the cluster doubts that another one lives (a doubt is cleared by the next pong), and returns what the first sees. */
export async function settledNodes(): Promise<ClusterNode[]> {
  const pods = (await redisPods()).map(({ metadata: { name } }) => ({ namespace, name }));
  return eventually(async () => {
    const [first = [], ...others] = await Promise.all(pods.map(clusterNodes));
    const doubts = [first, ...others].flat().filter(({ flags }) => flags.some((flag) => flag.startsWith("fail")));
    expect(doubts).toEqual([]);
    return first;
  });
}

const client: Named = { namespace: "nx-backend", name: "redis-client" };

/** Starts the pod that clients of the cluster run in: a service of the application, as far as the cluster can tell. */
export async function startRedisClient(): Promise<void> {
  await apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: client,
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 0,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        fsGroup: 1000,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name: "client",
          image: "local.bana/test-clients:1",
          command: ["node", "-e", "setInterval(() => undefined, 1e9)"],
          envFrom: [{ configMapRef: { name: "shared-config" } }],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { memory: "512Mi" } },
          volumeMounts: [
            { name: "shared", mountPath: "/shared", readOnly: true },
            { name: "tmp", mountPath: "/tmp" },
          ],
        },
      ],
      volumes: [
        { name: "shared", secret: { secretName: "nx-shared-secret" } },
        { name: "tmp", emptyDir: {} },
      ],
    },
  });
  await eventually(async () => isReady(await get<Pod>("pod", client)), { timeout: 120 });
}

export async function removeRedisClient(): Promise<void> {
  await kubectl(["delete", "pod", client.name, "--namespace", client.namespace, "--grace-period=0", "--force"]);
}

const script = readFileSync(join(__dirname, "redis-client.mjs"), "utf8");

/** Runs a command of redis-client.mjs to its end and returns what it printed. */
export async function redisClient(...args: string[]): Promise<string> {
  return (await exec(client, ["node", "--input-type=module", "-", ...args], { input: script, timeout: 180 })).trim();
}

/** Those of a writer's numbered keys that are not there. */
export async function missing(name: string, numbers: readonly number[]): Promise<string> {
  const found: string[] = [];
  // as many as an environment can hold
  for (let start = 0; start < numbers.length; start += 10_000) {
    const some = numbers.slice(start, start + 10_000).join(",");
    const command = ["env", `NUMBERS=${some}`, "node", "--input-type=module", "-", "missing", name];
    found.push((await exec(client, command, { input: script, timeout: 180 })).trim());
  }
  return found.filter((each) => each !== "").join(",");
}

/** A client that writes numbered keys without a pause. */
export interface RedisWriter {
  /** When each key was confirmed, in milliseconds; keys are numbered from 1. */
  readonly confirmed: readonly number[];
  /** What went wrong and was tried again. */
  readonly troubles: readonly string[];
  stop(): Promise<void>;
}

/** Starts a writer, and waits until it writes. Its keys have a name of their own. */
export async function startRedisWriter(name: string): Promise<RedisWriter> {
  const { command, args } = kubectlCommand([
    ...["exec", "--stdin", "--namespace", client.namespace, client.name, "--"],
    ...["node", "--input-type=module", "-", "write", name],
  ]);
  const child = spawn(command, args, { stdio: "pipe" });
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => {
      resolve();
    });
  });
  const lines = (stream: NodeJS.ReadableStream, each: (line: string) => void): void => {
    let rest = "";
    stream.setEncoding("utf8").on("data", (text: string) => {
      const all = (rest + text).split("\n");
      rest = all.pop() ?? "";
      all.forEach(each);
    });
  };
  const confirmed: number[] = [];
  const troubles: string[] = [];
  lines(child.stdout, (line) => confirmed.push(Number(line.split(" ")[1])));
  lines(child.stderr, (line) => troubles.push(line));
  child.stdin.end(script);
  await eventually(() => confirmed.length > 100);
  return {
    confirmed,
    troubles,
    stop: async () => {
      await exec(client, ["node", "-e", `require("node:fs").writeFileSync("/tmp/stop-${name}", "")`]);
      await ended;
    },
  };
}
