import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { connectionTo, type Check, type Connection } from "../../../components/contract/connection.ts";
import { problemsOf } from "../../../launcher/store-checks.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "bana-store-checks-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** The problems that a store's checks find; in place of kubectl, a script runs what follows `--` on this machine. */
async function problems(check?: Connection["check"]): Promise<string[]> {
  const program = path.join(folder, "kubectl");
  const script = `#!/bin/sh\necho "$*" >>${folder}/calls\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n`;
  writeFileSync(program, script, { mode: 0o755 });
  const service = { namespace: "nx-search", service: "nx-debezium", port: 8083 } as const;
  const connection = connectionTo({ name: "debezium", title: "Debezium", protocol: "http", ...service });
  return problemsOf({ program, cluster: [], env: process.env }, { ...connection, ...(check && { check }) });
}
const checkThat = (script: string, namespace?: Check["namespace"]): Check => ({
  ...(namespace && { namespace }),
  pod: "deployment/nx-debezium",
  container: "debezium",
  command: ["sh", "-c", script],
});

test("a store without a check has no problems", async () => {
  expect(await problems()).toEqual([]);
});

test("each line of a failing check is a problem; a check that succeeds finds none, whatever it prints", async () => {
  expect(await problems(checkThat("echo one; echo; echo two; exit 1"))).toEqual(["one", "two"]);
  expect(await problems(checkThat("echo fine"))).toEqual([]);
});

test("a check that cannot run is a problem, with the last line of its error", async () => {
  expect(
    await problems(checkThat("echo early >&2; echo late >&2; echo command terminated with exit code 1 >&2; exit 1")),
  ).toEqual(["its check failed: late"]);
});

test("several checks are one list, in their order, each in its namespace or the store's", async () => {
  const checks = [checkThat("sleep 0.2; echo one; exit 1"), checkThat("echo two; exit 1", "nx-persistent")];
  expect(await problems(checks)).toEqual(["one", "two"]);
  const calls = readFileSync(path.join(folder, "calls"), "utf8");
  expect(calls).toMatch(/--namespace nx-search deployment\/nx-debezium .*echo one/);
  expect(calls).toMatch(/--namespace nx-persistent deployment\/nx-debezium .*echo two/);
});
