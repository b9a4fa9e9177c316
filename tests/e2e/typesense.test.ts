import { readFileSync } from "node:fs";
import { join } from "node:path";
import { removeClients, startClients } from "./clients.ts";
import { eventually } from "./eventually.ts";
import { exec, get, isReady, type Pod } from "./kubernetes.ts";
import { secretData } from "./postgresql.ts";
import { containerProcess } from "./processes.ts";
import { configure, outputs, pulumi } from "./stack.ts";

const client = { namespace: "nx-backend", name: "search-client", image: "local.bana/test-clients:1" };
const pod = { namespace: "nx-search", name: "nx-typesense-0" };
const recovery = { timeout: 180 };

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const keyOf = async (): Promise<string> =>
  (await secretData({ namespace: "nx-search", name: "nx-typesense-secret" }))["TYPESENSE_API_KEY"] ?? "";

/** Sends requests from a pod in nx-backend and returns the responses. */
async function send(key: string, ...requests: readonly Request[]): Promise<Answer[]> {
  const command = [
    "node",
    "--input-type=module",
    "-",
    JSON.stringify(requests.map((request) => ({ ...request, key }))),
  ];
  const input = readFileSync(join(__dirname, "typesense.mjs"), "utf8");
  return JSON.parse(await exec(client, command, { input, timeout: 60 })) as Answer[];
}

const search = (words: string): Request => ({
  method: "GET",
  path: `/collections/dishes/documents/search?q=${encodeURIComponent(words)}&query_by=name`,
});

async function found(key: string, words: string): Promise<number> {
  const [answer] = await send(key, search(words));
  return (answer?.body as { found: number }).found;
}

describe("Typesense", () => {
  let key: string;

  beforeAll(async () => {
    await startClients(client);
    await eventually(async () => exec(client, ["node", "--version"]));
    key = await keyOf();
  });
  afterAll(removeClients);

  test("stores a collection with documents and finds them", async () => {
    const fields = [
      { name: "name", type: "string" },
      { name: "price", type: "int32" },
    ];
    const documents = [
      { id: "1", name: "pho bo", price: 55_000 },
      { id: "2", name: "bun cha", price: 60_000 },
      { id: "2", name: "bun bo", price: 65_000 },
    ];
    const answers = await send(
      key,
      { method: "POST", path: "/collections", body: { name: "dishes", fields } },
      {
        method: "POST",
        path: "/collections/dishes/documents/import?action=upsert",
        body: documents.map((document) => JSON.stringify(document)).join("\n"),
      },
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 200]);
    expect(await found(key, "bo")).toBe(2);
    expect(await found(key, "cha")).toBe(0);
  });

  test("finds a document despite a typo in the query", async () => {
    const path = "/collections/dishes/documents?action=upsert";
    const document = { id: "4", name: "goi cuon tom", price: 30_000 };
    expect(await send(key, { method: "POST", path, body: document })).toMatchObject([{ status: 201 }]);
    expect(await found(key, "guon")).toBe(1);
  });

  test("refuses a wrong or missing key, and serves /health without one", async () => {
    const list = { method: "GET", path: "/collections" };
    expect((await send("wrong", list, { method: "GET", path: "/health" })).map(({ status }) => status)).toEqual([
      401, 200,
    ]);
    expect((await send("", list)).map(({ status }) => status)).toEqual([401]);
  });

  test("does not expose its key on a command line", async () => {
    const { pid } = await containerProcess(pod, "typesense");
    expect(readFileSync(`/proc/${String(pid)}/cmdline`, "utf8")).not.toContain(key);
  });

  test("keeps acknowledged documents after SIGKILL", async () => {
    const document = { id: "3", name: "banh mi", price: 20_000 };
    const path = "/collections/dishes/documents?action=upsert";
    expect(await send(key, { method: "POST", path, body: document })).toMatchObject([{ status: 201 }]);
    const { pid } = await containerProcess(pod, "typesense");
    process.kill(pid, "SIGKILL");
    await eventually(async () => (await containerProcess(pod, "typesense")).pid !== pid, recovery);
    await eventually(async () => isReady(await get<Pod>("pod", pod)), recovery);
    await eventually(async () => {
      expect(await found(key, "banh mi")).toBe(1);
    }, recovery);
    expect(await found(key, "bo")).toBe(2);
  });

  describe("after a rotation of its key", () => {
    let changed: string;

    beforeAll(async () => {
      await configure("typesense.passwordVersion", "2");
      await pulumi("up", "--yes", "--skip-preview");
      changed = await keyOf();
    });

    test("accepts the new key, refuses the old one and keeps its data", async () => {
      expect(changed).not.toBe(key);
      await eventually(async () => {
        expect(await found(changed, "bo")).toBe(2);
      }, recovery);
      expect(await send(key, search("bo"))).toMatchObject([{ status: 401 }]);
    });

    test("publishes the new key in the shared Secret and not in the outputs", async () => {
      const shared = await secretData({ namespace: "nx-backend", name: "nx-shared-secret" });
      expect(shared["APP_ENV_TYPESENSE_API_KEY"]).toBe(changed);
      expect(JSON.stringify(await outputs())).not.toContain(changed);
    });
  });
});
