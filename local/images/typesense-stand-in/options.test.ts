import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { readOptions } from "./options.ts";

let data: string;
beforeAll(() => {
  data = mkdtempSync(path.join(tmpdir(), "options-test-"));
});
afterAll(() => rmSync(data, { recursive: true }));

const read = (args: string[], env: Record<string, string> = {}, warn = (text: string) => expect(text).toBe("")) =>
  readOptions(args, env, warn);

test("the specification's arguments are understood", () => {
  const args = [`--data-dir=${data}`, "--api-port=8109", "--api-key=k", "--enable-cors"];
  expect(read(args)).toEqual({
    dataDirectory: data,
    apiKey: "k",
    address: "0.0.0.0",
    port: 8109,
    enableCors: true,
    snapshotIntervalSeconds: 3600,
  });
});

test("the command line comes before the file, the file before the environment", () => {
  const config = path.join(data, "server.ini");
  writeFileSync(config, `[server]\napi-port = 2\napi-address = ::1\ndata-dir = ${data}\n`);
  const env = { TYPESENSE_API_KEY: "from env", TYPESENSE_API_PORT: "3", TYPESENSE_API_ADDRESS: "::2" };
  expect(read(["--config", config, "--api-port", "1"], env)).toMatchObject({
    apiKey: "from env",
    port: 1,
    address: "::1",
  });
});

test("variables that Kubernetes adds are no mistake, an option that there is not is ignored aloud", () => {
  const env = { TYPESENSE_API_KEY: "k", TYPESENSE_PORT: "tcp://10.0.0.1:8108" };
  expect(read(["-d", data, "--peering-port=8107"], env).port).toBe(8108);
  const warnings: string[] = [];
  read(["-d", data, "--data-dri=x"], env, (text) => warnings.push(text));
  expect(warnings).toEqual(["--data-dri is no option of Typesense: ignored"]);
});

test("what is missing or wrong is told", () => {
  expect(() => read(["--api-key=k"])).toThrow("Data directory is not specified.");
  expect(() => read([`--data-dir=${data}`])).toThrow("API key is not specified.");
  expect(() => read(["--data-dir=/no/such", "--api-key=k"])).toThrow("Data directory /no/such does not exist.");
  expect(() => read([`--data-dir=${data}`, "--api-key=k", "--api-port=http"])).toThrow("not a whole number");
});

test("one node is a cluster of one, more are refused", () => {
  const nodes = path.join(data, "nodes");
  const args = [`--data-dir=${data}`, "--api-key=k", `--nodes=${nodes}`];
  writeFileSync(nodes, "10.0.0.1:8107:8108");
  expect(read(args).port).toBe(8108);
  writeFileSync(nodes, "10.0.0.1:8107:8108,10.0.0.2:8107:8108");
  expect(() => read(args)).toThrow(/names 2 nodes, but this stand-in/);
});
