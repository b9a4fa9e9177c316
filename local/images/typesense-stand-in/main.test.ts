import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

jest.setTimeout(60_000);

let data: string;
const servers: ChildProcess[] = [];
beforeEach(() => {
  data = mkdtempSync(path.join(tmpdir(), "typesense-test-"));
});
afterEach(() => {
  for (const server of servers.splice(0)) server.kill("SIGKILL");
  rmSync(data, { recursive: true });
});

const freePort = async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return address !== null && typeof address === "object" ? address.port : 0;
};

/** Starts the server on the data directory, and waits until it is ready. */
async function start() {
  const port = await freePort();
  const main = path.join(__dirname, "main.ts");
  const options = [`--data-dir=${data}`, `--api-port=${port}`, "--api-address=127.0.0.1", "--enable-cors"];
  const server = spawn(process.execPath, ["--experimental-strip-types", main, ...options], {
    env: { ...process.env, TYPESENSE_API_KEY: "k" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  servers.push(server);
  const said: string[] = [];
  for await (const line of createInterface({ input: server.stderr })) {
    said.push(line);
    if (line.startsWith("I Ready")) break;
  }
  expect(said.at(-1)).toMatch(/^I Ready/);
  const ask = (method: string, place: string, body?: string, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${port}${place}`, { method, body, headers: { "x-typesense-api-key": "k", ...headers } });
  return { server, ask };
}

test("a kill in the midst of writes loses nothing that was acknowledged", async () => {
  const first = await start();
  await first.ask("POST", "/collections", JSON.stringify({ name: "c", fields: [{ name: "n", type: "int32" }] }));
  const acknowledged: number[] = [];
  const ended = once(first.server, "exit");
  const writer = async (from: number) => {
    for (let n = from; ; n += 4) {
      const body = JSON.stringify({ id: String(n), n });
      const response = await first.ask("POST", "/collections/c/documents", body).catch(() => undefined);
      if (response === undefined) return;
      if (response.status === 201) acknowledged.push(n);
      if (acknowledged.length === 100) first.server.kill("SIGKILL");
    }
  };
  await Promise.all([0, 1, 2, 3].map(writer));
  await ended;

  const second = await start();
  const text = await (await second.ask("GET", "/collections/c/documents/export")).text();
  const stored = text.split("\n").map((line) => (JSON.parse(line) as { n: number }).n);
  expect(acknowledged.length).toBeGreaterThanOrEqual(100);
  expect(stored).toEqual(expect.arrayContaining(acknowledged));

  second.server.kill("SIGTERM");
  expect(await once(second.server, "exit")).toEqual([0, null]);
});

test("browsers of other origins are answered", async () => {
  const { ask } = await start();
  const response = await ask("GET", "/health", undefined, { origin: "http://elsewhere" });
  expect(response.headers.get("access-control-allow-origin")).toBe("*");
  expect(await response.json()).toEqual({ ok: true });
});
