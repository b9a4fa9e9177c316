// A Typesense client. Runs in a pod as `node --input-type=module - COMMAND ...`, with the shared configuration in its
// environment and the API key in a mounted file.
//   create NAME            creates a collection
//   collections            prints the names of all collections
//   fill NAME COUNT        writes documents with the numbers up to COUNT
//   write NAME SECONDS     writes numbered documents until /tmp/stop-NAME exists, retries each until it is
//                          acknowledged, prints its number. Fails if a document is not acknowledged within SECONDS
//   search NAME SECONDS    searches for its documents until /tmp/stop-NAME exists, retries each search until it succeeds,
//                          prints the milliseconds that it took. Fails if one does not succeed within SECONDS
//   missing NAME COUNT HOST...   prints the numbers up to COUNT that a node does not have, as "HOST NUMBER"
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const env = (name) => process.env[`APP_ENV_TYPESENSE_${name}`];

async function request(method, path, body, host = env("HOST")) {
  const response = await fetch(`${env("PROTOCOL")}://${host}:${env("PORT")}/collections${path}`, {
    method,
    headers: { "X-TYPESENSE-API-KEY": readFileSync("/secret/APP_ENV_TYPESENSE_API_KEY", "utf8") },
    body: body === undefined ? undefined : JSON.stringify(body),
    // also closes a kept-alive connection to a dead node, so that the retry opens a new one
    signal: AbortSignal.timeout(5_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text;
}

/** Repeats an operation until it succeeds. Fails when it does not within that many seconds. */
async function retry(seconds, operation) {
  const deadline = Date.now() + Number(seconds) * 1000;
  for (;;) {
    try {
      return await operation();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      console.error(`retry: ${error.cause?.code ?? error.message}`);
      await sleep(200);
    }
  }
}

const commands = {
  async create(name) {
    await request("POST", "", { name, fields: [{ name: "number", type: "int32" }] });
  },

  async collections() {
    for (const { name } of JSON.parse(await request("GET", ""))) console.log(name);
  },

  async fill(name, count) {
    for (let number = 1; number <= Number(count); number++) {
      await request("POST", `/${name}/documents?action=upsert`, { id: String(number), number });
    }
  },

  async write(name, seconds) {
    for (let number = 1; !existsSync(`/tmp/stop-${name}`); number++) {
      await retry(seconds, () => request("POST", `/${name}/documents?action=upsert`, { id: String(number), number }));
      console.log(number);
      await sleep(50);
    }
  },

  async search(name, seconds) {
    while (!existsSync(`/tmp/stop-${name}`)) {
      const start = Date.now();
      await retry(seconds, () => request("GET", `/${name}/documents/search?q=*`));
      console.log(Date.now() - start);
      await sleep(50);
    }
  },

  async missing(name, count, ...hosts) {
    for (const host of hosts) {
      const exported = await request("GET", `/${name}/documents/export`, undefined, host);
      const found = new Set(exported.split("\n").map((line) => (line === "" ? 0 : JSON.parse(line).number)));
      for (let number = 1; number <= Number(count); number++) if (!found.has(number)) console.log(`${host} ${number}`);
    }
  },
};

const [command, ...args] = process.argv.slice(2);
await commands[command](...args);
