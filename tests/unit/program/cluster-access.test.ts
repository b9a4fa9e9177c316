import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";

/** The check in a Node of its own: jest cannot load the client, which is an ES module. */
const script = `
  const { checkClusterAccess, ClusterAccessError } = await import(process.argv[1]);
  await checkClusterAccess(process.argv[2], process.argv.slice(3), 500).catch((error) => {
    if (!(error instanceof ClusterAccessError)) throw error;
    process.stdout.write(error.message);
  });
`;
const source = path.resolve(import.meta.dirname, "../../../components/cluster-access.ts");

/** What the check says; "" when the cluster can be reached. */
async function check(context: string, files: readonly string[]): Promise<string> {
  const node = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", script];
  const { stdout } = await promisify(execFile)(process.execPath, [...node, source, context, ...files]);
  return stdout;
}

let folder: string;
let server: Server;

/** Answers only those who bring the right token, and never those that ask for the path /silent. */
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "cluster-access-"));
  server = createServer(({ headers, url }, response) => {
    if (url?.startsWith("/silent") === true) return;
    response.writeHead(headers.authorization === "Bearer right" && url === "/api" ? 200 : 401).end();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  rmSync(folder, { recursive: true });
});

const address = (): string => `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;

/** A kubeconfig of one context, in a file of its own. */
function kubeconfig(context: string, { cluster = address(), token = "right" } = {}): string {
  const file = path.join(folder, `${context}.yaml`);
  const content = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: context, cluster: { server: cluster, "insecure-skip-tls-verify": true } }],
    users: [{ name: context, user: { token } }],
    contexts: [{ name: context, context: { cluster: context, user: context } }],
  };
  writeFileSync(file, stringify(content));
  return file;
}

test("a cluster that answers to the credentials passes", async () => {
  expect(await check("good", [kubeconfig("good")])).toBe("");
});

test("a context that does not exist is named with those that do", async () => {
  const said = await check("bana-staging", [kubeconfig("one"), kubeconfig("two")]);
  expect(said).toContain('no context "bana-staging"');
  expect(said).toContain('it has "one", "two"');
  expect(said).toContain("pulumi config set --path bana-data-layer:cluster.context");
});

test("no kubeconfig at all is told as that", async () => {
  expect(await check("bana-staging", [path.join(folder, "absent")])).toContain("it has none");
});

test("a kubeconfig that is no YAML is told as that", async () => {
  const file = path.join(folder, "broken.yaml");
  writeFileSync(file, "contexts: [");
  expect(await check("bana-staging", [file])).toContain("cannot be read");
});

test("a cluster that nobody serves does not answer", async () => {
  const said = await check("closed", [kubeconfig("closed", { cluster: "http://127.0.0.1:1" })]);
  expect(said).toContain("does not answer");
  expect(said).toContain("ECONNREFUSED");
  expect(said).toContain("kubectl --context closed");
});

test("a cluster that keeps silent does not answer", async () => {
  const file = kubeconfig("silent", { cluster: `${address()}/silent` });
  expect(await check("silent", [file])).toContain("no answer in 0.5 s");
});

test("refused credentials are told as that", async () => {
  const said = await check("wrong", [kubeconfig("wrong", { token: "expired" })]);
  expect(said).toContain("refuses the credentials (HTTP 401)");
  expect(said).toContain("auth whoami");
});

test("of entries with the same name in several files the first counts", async () => {
  const first = kubeconfig("same");
  const second = path.join(folder, "second.yaml");
  writeFileSync(second, stringify({ clusters: [{ name: "same", cluster: { server: "http://127.0.0.1:1" } }] }));
  expect(await check("same", [first, second])).toBe("");
});
