// A cluster-aware client. Runs in a pod as `node --input-type=module - COMMAND ...`, with the shared configuration's
// node list in its environment and the password in a mounted file.
//   fill COUNT     writes COUNT keys and prints how many were acknowledged
//   verify COUNT   reads them, with retries for a minute; prints the number of wrong values and the milliseconds taken
//   write NAME     writes numbered keys until /tmp/stop-NAME exists, retries each until it is acknowledged, prints its
//                  "NUMBER TIME"
//   missing NAME   reads the keys whose numbers are in the variable NUMBERS and prints the numbers of the missing ones
//   login PASSWORD prints the server's reply to PING (the password may be empty)
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Cluster, Redis } from "ioredis";

const nodes = process.env.APP_ENV_CACHE_REDIS_CLUSTER_NODES.split(",").map((address) => {
  const [host, port] = address.split(":");
  return { host, port: Number(port) };
});
const passwordNow = () => readFileSync("/secret/APP_ENV_CACHE_REDIS_PASSWORD", "utf8");

function connect() {
  const cluster = new Cluster(nodes, {
    slotsRefreshTimeout: 3000,
    clusterRetryStrategy: () => 200,
    redisOptions: { password: passwordNow(), connectTimeout: 3000, commandTimeout: 3000, maxRetriesPerRequest: 1 },
  });
  cluster.on("error", (error) => console.error(error.message));
  return cluster;
}

let cluster;

/** Retries an operation until it succeeds, with the password that is in the file at each attempt. */
async function retry(operation, until = Infinity) {
  for (;;) {
    const used = (cluster ??= connect());
    try {
      return await operation(used);
    } catch (error) {
      if (Date.now() > until) throw error;
      console.error(`retry: ${error.message}`);
      used.disconnect();
      if (cluster === used) cluster = undefined;
      await sleep(200);
    }
  }
}

async function inBatches(count, each) {
  const results = [];
  for (let start = 0; start < count; start += 200) {
    const batch = Array.from({ length: Math.min(200, count - start) }, (_, index) => start + index);
    results.push(...(await Promise.all(batch.map(each))));
  }
  return results;
}

const commands = {
  async fill(count) {
    const answers = await inBatches(Number(count), (n) => retry((to) => to.set(`filled:${n}`, `value ${n}`)));
    return answers.filter((answer) => answer === "OK").length;
  },
  async verify(count) {
    const start = Date.now();
    const values = await inBatches(Number(count), (n) => retry((from) => from.get(`filled:${n}`), start + 60_000));
    return `${values.filter((value, n) => value !== `value ${n}`).length} ${Date.now() - start}`;
  },
  async write(name) {
    for (let n = 1; !existsSync(`/tmp/stop-${name}`); n += 1) {
      await retry((to) => to.set(`${name}:${n}`, n));
      console.log(`${n} ${Date.now()}`);
    }
    return "";
  },
  async missing(name) {
    const numbers = process.env.NUMBERS.split(",");
    const values = await inBatches(numbers.length, (index) => retry((from) => from.get(`${name}:${numbers[index]}`)));
    return numbers.filter((n, index) => values[index] !== n).join(",");
  },
  async login(password) {
    const client = new Redis({ ...nodes[0], password: password || undefined, lazyConnect: true, retryStrategy: null });
    client.on("error", () => undefined);
    return client.ping().catch((error) => error.message);
  },
};

const [command, ...args] = process.argv.slice(2);
const result = await commands[command](...args);
if (result !== "") console.log(result);
process.exit(0);
