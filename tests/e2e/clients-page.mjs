// Runs the examples of docs/clients.md in a pod of nx-backend, with shared-config and nx-shared-secret as environment.
//   run EXAMPLES   writes the files into one folder, as an application has them, and runs those with an expected output.
//                  EXAMPLES is JSON: sections of {file, text, expected}. Sections run at the same time, their examples in
//                  order. Prints {code, stdout, stderr} by file, as one line of JSON.
//   clean          removes what examples leave in the stores when they fail, and the tables and topics that they keep
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Kafka, logLevel } from "kafkajs";
import pg from "pg";

const folder = "/tmp/application";
const env = (name) => process.env[`APP_ENV_${name}`];

function write({ file, text }) {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const execute = ({ file }) =>
  new Promise((resolve) => {
    const [command, ...options] = file.endsWith(".sh") ? ["sh", "-eu"] : ["node"];
    execFile(command, [...options, file], { cwd: folder, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve([file, { code: error === null ? 0 : (error.code ?? error.signal), stdout, stderr }]),
    );
  });

async function run(sections) {
  mkdirSync(folder, { recursive: true });
  const modules = join(folder, "node_modules");
  if (!existsSync(modules)) symlinkSync(join(process.cwd(), "node_modules"), modules);
  sections.flat().forEach(write);
  const results = sections.map(async (examples) => {
    const printed = [];
    for (const example of examples) if (example.expected !== undefined) printed.push(await execute(example));
    return printed;
  });
  console.log(JSON.stringify(Object.fromEntries((await Promise.all(results)).flat())));
}

async function cleanPostgresql() {
  const client = new pg.Client({
    ...{ host: env("POSTGRES_HOST"), port: Number(env("POSTGRES_PORT")), database: env("POSTGRES_DATABASE") },
    ...{ user: env("POSTGRES_USERNAME"), password: env("POSTGRES_PASSWORD") },
  });
  await client.connect();
  await client.query("drop schema if exists example cascade");
  await client.end();
}

async function cleanKafka() {
  const admin = new Kafka({
    brokers: env("KAFKA_BROKERS").split(","),
    sasl: {
      mechanism: env("KAFKA_SASL_MECHANISM"),
      username: env("KAFKA_SASL_USERNAME"),
      password: env("KAFKA_SASL_PASSWORD"),
    },
    logLevel: logLevel.NOTHING,
  }).admin();
  await admin.connect();
  if ((await admin.listTopics()).includes("example.notes")) await admin.deleteTopics({ topics: ["example.notes"] });
  const { groups } = await admin.listGroups();
  if (groups.some(({ groupId }) => groupId === "example")) await admin.deleteGroups(["example"]);
  await admin.disconnect();
}

async function cleanTypesense() {
  const url = `${env("TYPESENSE_PROTOCOL")}://${env("TYPESENSE_HOST")}:${env("TYPESENSE_PORT")}/collections/example`;
  const { status } = await fetch(url, {
    method: "DELETE",
    headers: { "X-TYPESENSE-API-KEY": env("TYPESENSE_API_KEY") },
  });
  if (![200, 404].includes(status)) throw new Error(`Typesense: ${status}`);
}

const [command, examples] = process.argv.slice(2);
if (command === "run") await run(JSON.parse(examples));
if (command === "clean") await Promise.all([cleanPostgresql(), cleanKafka(), cleanTypesense()]);
