// An application in nx-backend: it uses every store, and knows of them what shared-config and nx-shared-secret say, mounted as files.
//   write FIRST FILE
//                puts FIRST and the numbers after it into every store, each when the one before it is acknowledged, until FILE exists;
//                it tries again, with what the files say by then, until it succeeds. Prints a line of JSON for each, and for each failure.
//   read         prints the numbers that every store has, as one line of JSON
//   logIn        prints whether every store lets it in, as one line of JSON: true, or what the store says. Settings in
//                the variable OVERRIDES, as JSON, take the place of those in the files.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from "@platformatic/kafka";
import { Cluster } from "ioredis";
import pg from "pg";

/** Files of the folders, by name; the mounted ones whose names begin with two dots are Kubernetes' own. */
const filesIn = (...folders) =>
  Object.fromEntries(
    folders.flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => !name.startsWith(".."))
        .map((name) => [name, readFileSync(`${folder}/${name}`, "utf8")]),
    ),
  );

/** The settings, by what their names say after the prefix that all have. */
function settings() {
  const all = { ...filesIn("/config", "/secret"), ...JSON.parse(process.env.OVERRIDES ?? "{}") };
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name.replace("APP_ENV_", ""), value]));
}

/** How each store is reached: a connection writes a number, reads all numbers, closes. It is made only if the store lets it in. */
const stores = {
  async postgresql(at) {
    const client = new pg.Client({
      ...{ host: at.POSTGRES_HOST, port: Number(at.POSTGRES_PORT), database: at.POSTGRES_DATABASE },
      ...{ user: at.POSTGRES_USERNAME, password: at.POSTGRES_PASSWORD },
      connectionTimeoutMillis: 5000,
    });
    // a lost connection is told by the query that needs it
    client.on("error", () => undefined);
    await client.connect();
    return {
      prepare: () => client.query("create table if not exists application (number int primary key)"),
      write: (number) => client.query("insert into application values ($1) on conflict do nothing", [number]),
      read: async () => (await client.query("select number from application")).rows.map((row) => row.number),
      close: () => client.end(),
    };
  },

  async redis(at) {
    const nodes = at.CACHE_REDIS_CLUSTER_NODES.split(",").map((node) => {
      const [host, port] = node.split(":");
      return { host, port: Number(port) };
    });
    const cluster = new Cluster(nodes, {
      ...{ lazyConnect: true, clusterRetryStrategy: () => null },
      redisOptions: { password: at.CACHE_REDIS_PASSWORD, connectTimeout: 5000, maxRetriesPerRequest: 1 },
    });
    let last = new Error("no node of Redis Cluster answers");
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

  async kafka(at) {
    const topic = "application";
    const options = {
      clientId: topic,
      bootstrapBrokers: at.KAFKA_BROKERS.split(","),
      sasl: { mechanism: at.KAFKA_SASL_MECHANISM, username: at.KAFKA_SASL_USERNAME, password: at.KAFKA_SASL_PASSWORD },
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

  async typesense(at) {
    const call = async (method, path, body, accepted = []) => {
      const response = await fetch(`${at.TYPESENSE_PROTOCOL}://${at.TYPESENSE_HOST}:${at.TYPESENSE_PORT}${path}`, {
        ...{ method, headers: { "X-TYPESENSE-API-KEY": at.TYPESENSE_API_KEY }, signal: AbortSignal.timeout(10_000) },
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

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** Fails when a store neither answers nor refuses. */
const inTime = (promise) =>
  Promise.race([
    promise,
    sleep(20_000, undefined, { ref: false }).then(() => Promise.reject(new Error("no answer in 20 s"))),
  ]);

const reason = (error) =>
  [error.message, ...(error.errors ?? []).map(reason), ...(error.cause ? [reason(error.cause)] : [])].join("; ");

/** Writes numbers into one store; every few of them over a new connection. */
async function keepWriting(store, first, stopFile) {
  let connection;
  for (let number = first; !existsSync(stopFile);) {
    try {
      if (connection === undefined) {
        connection = await inTime(stores[store](settings()));
        await inTime(connection.prepare());
      }
      await inTime(connection.write(number));
      say({ store, number });
      number += 1;
      await sleep(100);
      if (number % 10 !== 0) continue;
    } catch (error) {
      say({ store, error: reason(error) });
      await sleep(500);
    }
    await connection?.close();
    connection = undefined;
  }
  await connection?.close();
}

/** Does something over a connection of its own. */
async function once(connect, action) {
  let connection;
  try {
    connection = await inTime(connect(settings()));
    return await inTime(action(connection));
  } finally {
    await connection?.close();
  }
}

/**
 * Tries until a store whose servers change their roles has found them again. Each attempt is a client of its own: Kafka's keeps a
 * group's coordinator that it has found once, though it moves when the brokers are rolled.
 */
async function whileRolesChange(attempt) {
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

/** What became of something in every store, by the store's name. */
async function inEveryStore(attempt) {
  const results = Object.entries(stores).map(async ([store, connect]) => {
    try {
      return [store, await attempt(connect)];
    } catch (error) {
      return [store, reason(error)];
    }
  });
  say(Object.fromEntries(await Promise.all(results)));
}

const [command, first, stopFile] = process.argv.slice(2);
if (command === "write")
  await Promise.all(Object.keys(stores).map((store) => keepWriting(store, Number(first), stopFile)));
if (command === "read") {
  await inEveryStore((connect) => whileRolesChange(() => once(connect, (connection) => connection.read())));
}
if (command === "logIn") await inEveryStore((connect) => once(connect, () => true));
process.exit();
