// Runs in a pod of nx-backend with shared-config and nx-shared-secret as its environment. Prints lines of JSON.
//   query SQL                 runs SQL as the application, through the pooler; prints warnings
//   kafkajs TOPIC COUNT       prints the first COUNT messages of a topic, read with KafkaJS and its default settings
//   librdkafka TOPIC COUNT    the same, read with librdkafka
// Of a long value only the size and a digest are printed.
import { spawnSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Kafka, logLevel } from "kafkajs";
import pg from "pg";

const env = (name) => process.env[`APP_ENV_${name}`];
const brokers = env("KAFKA_BROKERS").split(",");
const login = {
  mechanism: env("KAFKA_SASL_MECHANISM"),
  username: env("KAFKA_SASL_USERNAME"),
  password: env("KAFKA_SASL_PASSWORD"),
};

function print(partition, offset, key, value) {
  const long = value !== null && value.length > 2 ** 16;
  const content = long
    ? { bytes: Buffer.byteLength(value), digest: createHash("sha256").update(value).digest("hex") }
    : { value };
  process.stdout.write(`${JSON.stringify({ partition, offset: Number(offset), key, ...content })}\n`);
}

async function query(statements) {
  const client = new pg.Client({
    ...{ host: env("POSTGRES_HOST"), port: Number(env("POSTGRES_PORT")), database: env("POSTGRES_DATABASE") },
    ...{ user: env("POSTGRES_USERNAME"), password: env("POSTGRES_PASSWORD") },
  });
  client.on("notice", ({ severity, message }) => {
    if (severity === "WARNING") process.stdout.write(`${JSON.stringify({ warning: message })}\n`);
  });
  await client.connect();
  await client.query(statements);
  await client.end();
}

async function kafkajs(topic, count) {
  const { mechanism, ...user } = login;
  const kafka = new Kafka({
    ...{ clientId: "events", brokers, logLevel: logLevel.ERROR },
    sasl: { mechanism: mechanism.toLowerCase(), ...user },
  });
  const admin = kafka.admin();
  await admin.connect();
  // subscribing to a topic that does not exist fails
  while (!(await admin.listTopics()).includes(topic)) await sleep(200);
  await admin.disconnect();

  const consumer = kafka.consumer({ groupId: `events-${randomUUID()}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let left = Number(count);
  await new Promise((resolve, reject) => {
    const eachMessage = async ({ partition, message: { offset, key, value } }) => {
      if (left > 0) print(partition, offset, key?.toString() ?? null, value?.toString() ?? null);
      left -= 1;
      if (left === 0) resolve();
    };
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    consumer.run({ eachMessage }).catch(reject);
  });
}

async function librdkafka(topic, count) {
  const options = {
    "security.protocol": "SASL_PLAINTEXT",
    "sasl.mechanism": login.mechanism,
    "sasl.username": login.username,
    "sasl.password": login.password,
  };
  const properties = Object.entries(options).flatMap(([name, value]) => ["-X", `${name}=${value}`]);
  const read = ["-C", "-q", "-J", "-t", topic, "-o", "beginning", "-c", count];
  const { stdout, stderr, status } = spawnSync("kcat", ["-b", brokers.join(","), ...properties, ...read], {
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`kcat: ${stderr}`);
  for (const line of stdout.toString().split("\n").slice(0, -1)) {
    const { partition, offset, key, payload } = JSON.parse(line);
    print(partition, offset, key, payload);
  }
}

const [command, ...args] = process.argv.slice(2);
await { query, kafkajs, librdkafka }[command](...args);
process.exit();
