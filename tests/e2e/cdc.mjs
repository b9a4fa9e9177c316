// Runs in a pod of nx-backend with shared-config and nx-shared-secret as its environment. Prints lines of JSON.
//   change COUNT             runs COUNT inserts, updates and deletes on sale.orders, retries each until it is
//                            committed, prints the number done
//   follow TOPIC             prints every event of a Kafka topic, from its beginning
//   index TOPIC COLLECTION   like follow, and applies the events to a Typesense collection
//   search COLLECTION WORD   prints the documents that match
//   count COLLECTION         prints the number of documents
//   topics                   prints the partitions and replicas of every topic
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Admin, Consumer, stringDeserializers } from "@platformatic/kafka";
import pg from "pg";

const env = (name) => process.env[`APP_ENV_${name}`];
const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** The n-th change; idempotent. Every five changes insert three rows, update the second and delete the first. */
function statement(n) {
  if (n % 5 === 0) return ["delete from sale.orders where id = $1", [n - 4]];
  if (n % 5 === 4) return ["update sale.orders set note = 'updated', change = $1 where id = $2", [n, n - 2]];
  return [
    "insert into sale.orders (id, note, change) values ($1, 'inserted', $1) on conflict (id) do update set change = $1",
    [n],
  ];
}

async function connect() {
  const client = new pg.Client({
    ...{ host: env("POSTGRES_HOST"), port: Number(env("POSTGRES_PORT")), database: env("POSTGRES_DATABASE") },
    ...{ user: env("POSTGRES_USERNAME"), password: env("POSTGRES_PASSWORD") },
    ...{ connectionTimeoutMillis: 5000, query_timeout: 15_000 },
  });
  // the next query reports a lost connection
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

async function change(count) {
  let client;
  for (let n = 1; n <= count;) {
    try {
      client ??= await connect();
      await client.query(...statement(n));
      if (n % 100 === 0) print({ done: n });
      n += 1;
      // keeps changes in flight while the test breaks something
      await sleep(5);
    } catch (error) {
      print({ error: error.message });
      client?.end().catch(() => undefined);
      client = undefined;
      await sleep(200);
    }
  }
  await client?.end();
}

const kafka = {
  clientId: "cdc",
  bootstrapBrokers: env("KAFKA_BROKERS").split(","),
  sasl: {
    mechanism: env("KAFKA_SASL_MECHANISM"),
    username: env("KAFKA_SASL_USERNAME"),
    password: env("KAFKA_SASL_PASSWORD"),
  },
};

async function typesense(method, path, body, accepted = []) {
  const address = `${env("TYPESENSE_PROTOCOL")}://${env("TYPESENSE_HOST")}:${env("TYPESENSE_PORT")}`;
  const response = await fetch(`${address}/collections${path}`, {
    method,
    headers: { "X-TYPESENSE-API-KEY": env("TYPESENSE_API_KEY") },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  });
  const text = await response.text();
  if (!response.ok && !accepted.includes(response.status)) throw new Error(`${method} ${path}: ${text}`);
  return JSON.parse(text);
}

/** Applies an event to the document of its row. */
async function apply(collection, key, event) {
  const documents = `/${collection}/documents`;
  const { after } = event ?? {};
  if (after) await typesense("POST", `${documents}?action=upsert`, { ...after, id: String(after.id) });
  else await typesense("DELETE", `${documents}/${key.id}`, undefined, [404]);
}

async function index(topic, collection) {
  const fields = [
    { name: "note", type: "string" },
    { name: "change", type: "int32" },
  ];
  await typesense("POST", "", { name: collection, fields }, [409]);
  await follow(topic, async (row, event) => {
    if (row) await apply(collection, row, event);
  });
}

async function follow(topic, take = () => undefined) {
  // next offset of each partition
  let next;
  for (;;) {
    const consumer = new Consumer({ ...kafka, groupId: randomUUID(), deserializers: stringDeserializers });
    try {
      const ends = await consumer.listOffsets({ topics: [topic] });
      next ??= ends.get(topic).map(() => 0n);
      const offsets = next.map((offset, partition) => ({ topic, partition, offset }));
      for await (const { partition, offset, key, value } of await consumer.consume({
        ...{ topics: [topic], mode: "manual", offsets, autocommit: false },
      })) {
        const [row, event] = [JSON.parse(key || "null"), JSON.parse(value || "null")];
        await take(row, event);
        print({ key: row, op: event?.op ?? "tombstone", before: event?.before, after: event?.after });
        next[partition] = offset + 1n;
      }
    } catch (error) {
      print({ error: error.message });
    }
    await consumer.close(true).catch(() => undefined);
    await sleep(500);
  }
}

async function search(collection, word) {
  const query = new URLSearchParams({ q: word, query_by: "note", per_page: "250" });
  const { hits } = await typesense("GET", `/${collection}/documents/search?${query}`);
  for (const { document } of hits) print(document);
}

async function count(collection) {
  const { num_documents: documents } = await typesense("GET", `/${collection}`);
  print({ documents });
}

async function topics() {
  const admin = new Admin(kafka);
  const metadata = await admin.metadata({ topics: await admin.listTopics() });
  for (const [name, { partitions }] of metadata.topics) {
    print({ name, partitions: partitions.length, replicas: partitions.map(({ replicas }) => replicas.length) });
  }
}

const [command, ...args] = process.argv.slice(2);
await { change, follow, index, search, count, topics }[command](...args);
process.exit();
