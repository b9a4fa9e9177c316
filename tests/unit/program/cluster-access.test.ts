import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";

/** Runs the check in a separate Node process: jest cannot load the client, an ES module. */
const script = `
  const { checkClusterAccess, ClusterAccessError } = await import(process.argv[1]);
  await checkClusterAccess(process.argv[2], process.argv.slice(3), 500).catch((error) => {
    if (!(error instanceof ClusterAccessError)) throw error;
    process.stdout.write(error.message);
  });
`;
const source = path.resolve(import.meta.dirname, "../../../components/cluster-access.ts");

/** The error message of the check; "" if the cluster is reachable. */
async function check(context: string, files: readonly string[]): Promise<string> {
  const node = ["--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", script];
  const { stdout } = await promisify(execFile)(process.execPath, [...node, source, context, ...files]);
  return stdout;
}

let folder: string;
let server: Server;

/** Accepts only the right token. Never answers requests to /silent. */
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

/** A kubeconfig file with one context. */
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

test("passes if the cluster accepts the credentials", async () => {
  expect(await check("good", [kubeconfig("good")])).toBe("");
});

test("reports an unknown context with the known ones", async () => {
  const message = await check("bana-staging", [kubeconfig("one"), kubeconfig("two")]);
  expect(message).toContain('no context "bana-staging"');
  expect(message).toContain('it has "one", "two"');
  expect(message).toContain("pulumi config set --path bana-data-layer:cluster.context");
});

test("reports a missing kubeconfig", async () => {
  expect(await check("bana-staging", [path.join(folder, "absent")])).toContain("it has none");
});

test("reports a kubeconfig with invalid YAML", async () => {
  const file = path.join(folder, "broken.yaml");
  writeFileSync(file, "contexts: [");
  expect(await check("bana-staging", [file])).toContain("cannot be read");
});

test("reports a refused connection", async () => {
  const message = await check("closed", [kubeconfig("closed", { cluster: "http://127.0.0.1:1" })]);
  expect(message).toContain("does not answer");
  expect(message).toContain("ECONNREFUSED");
  expect(message).toContain("kubectl --context closed");
});

test("reports a cluster that does not answer in time", async () => {
  const file = kubeconfig("silent", { cluster: `${address()}/silent` });
  expect(await check("silent", [file])).toContain("no answer in 0.5 s");
});

test("reports refused credentials", async () => {
  const message = await check("wrong", [kubeconfig("wrong", { token: "expired" })]);
  expect(message).toContain("refuses the credentials (HTTP 401)");
  expect(message).toContain("auth whoami");
});

test("uses the first of several entries with the same name", async () => {
  const first = kubeconfig("same");
  const second = path.join(folder, "second.yaml");
  writeFileSync(second, stringify({ clusters: [{ name: "same", cluster: { server: "http://127.0.0.1:1" } }] }));
  expect(await check("same", [first, second])).toBe("");
});
