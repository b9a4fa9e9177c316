// An application in nx-backend that uses every store. Its settings are shared-config and nx-shared-secret, mounted as
// files.
//   write FIRST FILE
//                writes FIRST, FIRST + 1, ... into every store until FILE exists. Retries each number until it is
//                acknowledged, with the settings then in the files. Prints a line of JSON per number and per error.
//   read         prints the numbers in every store, as one line of JSON
//   logIn        logs in to every store and prints the results as one line of JSON: true, or the error. Settings in the
//                variable OVERRIDES, as JSON, replace those in the files.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from "@platformatic/kafka";
import { Cluster } from "ioredis";
import pg from "pg";

/** Contents of the folders' files by name, without the kubelet's own entries, whose names begin with two dots. */
const filesIn = (...folders) =>
  Object.fromEntries(
    folders.flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => !name.startsWith(".."))
        .map((name) => [name, readFileSync(`${folder}/${name}`, "utf8")]),
    ),
  );

/** The settings by name, without the common prefix. */
function settings() {
  const all = { ...filesIn("/config", "/secret"), ...JSON.parse(process.env.OVERRIDES ?? "{}") };
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name.replace("APP_ENV_", ""), value]));
}

/** Opens a connection to each store; throws when the store refuses the login. */
const stores = {
  async postgresql(env) {
    const client = new pg.Client({
      ...{ host: env.POSTGRES_HOST, port: Number(env.POSTGRES_PORT), database: env.POSTGRES_DATABASE },
      ...{ user: env.POSTGRES_USERNAME, password: env.POSTGRES_PASSWORD },
      connectionTimeoutMillis: 5000,
    });
    // the next query reports a lost connection
    client.on("error", () => undefined);
    await client.connect();
    return {
      prepare: () => client.query("create table if not exists application (number int primary key)"),
      write: (number) => client.query("insert into application values ($1) on conflict do nothing", [number]),
      read: async () => (await client.query("select number from application")).rows.map((row) => row.number),
      close: () => client.end(),
    };
  },

  async redis(env) {
    const nodes = env.CACHE_REDIS_CLUSTER_NODES.split(",").map((node) => {
      const [host, port] = node.split(":");
      return { host, port: Number(port) };
    });
    const cluster = new Cluster(nodes, {
      ...{ lazyConnect: true, clusterRetryStrategy: () => null },
      redisOptions: { password: env.CACHE_REDIS_PASSWORD, connectTimeout: 5000, maxRetriesPerRequest: 1 },
    });
    let last = new Error("no node of the Redis Cluster answers");
    cluster.on("node error", (error) => (last = error));
    cluster.on("error", (error) => (last = error.lastNodeError ?? error));
    await cluster.connect().catch(() => {
      cluster.disconnect();
      throw last;
    });
    return {
      prepare: () => undefined,
      write: (number) => cluster.set(`application:${number}`, "1"),
      read: async () => {
        const keys = await Promise.all(cluster.nodes("master").map((node) => node.keys("application:*")));
        return keys.flat().map((key) => Number(key.split(":")[1]));
      },
      close: () => cluster.disconnect(),
    };
  },

  async kafka(env) {
    const topic = "application";
    const options = {
      clientId: topic,
      bootstrapBrokers: env.KAFKA_BROKERS.split(","),
      sasl: {
        mechanism: env.KAFKA_SASL_MECHANISM,
        username: env.KAFKA_SASL_USERNAME,
        password: env.KAFKA_SASL_PASSWORD,
      },
      ...{ retries: 0, connectTimeout: 5000, timeout: 10_000 },
    };
    const admin = new Admin(options);
    const producer = new Producer({ ...options, serializers: stringSerializers });
    const close = async () => {
      await Promise.allSettled([admin.close(), producer.close(true)]);
    };
    const topics = await admin.listTopics().catch(async (error) => {
      await close();
      throw error;
    });
    return {
      prepare: async () => {
        if (!topics.includes(topic)) await admin.createTopics({ topics: [topic], partitions: 1, replicas: 3 });
      },
      write: (number) => producer.send({ messages: [{ topic, value: String(number) }], acks: -1 }),
      read: async () => {
        const consumer = new Consumer({
          ...options,
          groupId: `${topic}-${Date.now()}`,
          deserializers: stringDeserializers,
        });
        const offsets = await consumer.listOffsets({ topics: [topic] });
        const stream = await consumer.consume({ topics: [topic], mode: "earliest", autocommit: false });
        const numbers = [];
        for await (const { value, offset } of stream) {
          numbers.push(Number(value));
          if (offset === offsets.get(topic)[0] - 1n) break;
        }
        await consumer.close(true);
        return numbers;
      },
      close,
    };
  },

  async typesense(env) {
    const call = async (method, path, body, accepted = []) => {
      const response = await fetch(`${env.TYPESENSE_PROTOCOL}://${env.TYPESENSE_HOST}:${env.TYPESENSE_PORT}${path}`, {
        ...{ method, headers: { "X-TYPESENSE-API-KEY": env.TYPESENSE_API_KEY }, signal: AbortSignal.timeout(10_000) },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const text = await response.text();
      if (!response.ok && !accepted.includes(response.status)) throw new Error(`${response.status} ${text}`);
      return text;
    };
    await call("GET", "/collections");
    const documents = "/collections/application/documents";
    return {
      prepare: () =>
        call("POST", "/collections", { name: "application", fields: [{ name: "number", type: "int32" }] }, [409]),
      write: (number) => call("POST", `${documents}?action=upsert`, { id: String(number), number }),
      read: async () => {
        const lines = (await call("GET", `${documents}/export`)).split("\n").filter((line) => line !== "");
        return lines.map((line) => JSON.parse(line).number);
      },
      close: () => undefined,
    };
  },
};

const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** Rejects when the promise is not settled within 20 s. */
const withTimeout = (promise) =>
  Promise.race([
    promise,
    sleep(20_000, undefined, { ref: false }).then(() => Promise.reject(new Error("no answer in 20 s"))),
  ]);

const reason = (error) =>
  [error.message, ...(error.errors ?? []).map(reason), ...(error.cause ? [reason(error.cause)] : [])].join("; ");

/** Writes numbers into one store, and reconnects after every tenth one. */
async function keepWriting(store, first, stopFile) {
  let connection;
  for (let number = first; !existsSync(stopFile);) {
    try {
      if (connection === undefined) {
        connection = await withTimeout(stores[store](settings()));
        await withTimeout(connection.prepare());
      }
      await withTimeout(connection.write(number));
      print({ store, number });
      number += 1;
      await sleep(100);
      if (number % 10 !== 0) continue;
    } catch (error) {
      print({ store, error: reason(error) });
      await sleep(500);
    }
    await connection?.close();
    connection = undefined;
  }
  await connection?.close();
}

/** Runs an action over a new connection. */
async function once(connect, action) {
  let connection;
  try {
    connection = await withTimeout(connect(settings()));
    return await withTimeout(action(connection));
  } finally {
    await connection?.close();
  }
}

/**
 * Retries for a minute, while servers change roles. Each attempt needs a new client: Kafka's caches a group's
 * coordinator, which moves when the brokers are rolled.
 */
async function retryForAMinute(attempt) {
  const end = Date.now() + 60_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(500);
    }
  }
}

/** Runs an attempt on every store, and prints its result or error by store. */
async function inEveryStore(attempt) {
  const results = Object.entries(stores).map(async ([store, connect]) => {
    try {
      return [store, await attempt(connect)];
    } catch (error) {
      return [store, reason(error)];
    }
  });
  print(Object.fromEntries(await Promise.all(results)));
}

const [command, first, stopFile] = process.argv.slice(2);
if (command === "write")
  await Promise.all(Object.keys(stores).map((store) => keepWriting(store, Number(first), stopFile)));
if (command === "read") {
  await inEveryStore((connect) => retryForAMinute(() => once(connect, (connection) => connection.read())));
}
if (command === "logIn") await inEveryStore((connect) => once(connect, () => true));
process.exit();
