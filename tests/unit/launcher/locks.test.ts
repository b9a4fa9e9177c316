import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { liveLocks } from "../../../launcher/locks.ts";

let backend: string;

beforeEach(() => {
  backend = mkdtempSync(path.join(tmpdir(), "locks-"));
});

afterEach(() => {
  rmSync(backend, { recursive: true });
});

const backendWith = (locks: Readonly<Record<string, unknown>>) => {
  const directory = path.join(backend, ".pulumi", "locks", "organization", "project", "stack");
  mkdirSync(directory, { recursive: true });
  for (const [name, lock] of Object.entries(locks)) {
    writeFileSync(path.join(directory, `${name}.json`), JSON.stringify(lock));
    writeFileSync(path.join(directory, `${name}.json.attrs`), JSON.stringify({ "user.content_type": "text/plain" }));
  }
  return { files: () => readdirSync(directory) };
};

test("the lock of an exited Pulumi process of this machine is removed, with its .attrs file", async () => {
  const exited = 2 ** 22 + 1; // above Linux's highest pid
  const { files } = backendWith({ a: { pid: exited, hostname: hostname(), timestamp: "" } });
  expect(await liveLocks(backend, "project", "stack")).toEqual([]);
  expect(files()).toEqual([]);
});

test("the lock of another machine is kept: its process cannot be checked from here", async () => {
  const { files } = backendWith({ b: { pid: 1, hostname: "elsewhere", timestamp: "now" } });
  expect(await liveLocks(backend, "project", "stack")).toMatchObject([{ hostname: "elsewhere", pid: 1 }]);
  expect(files()).toEqual(["b.json", "b.json.attrs"]);
});

test("a stack that was never locked has no locks", async () => {
  expect(await liveLocks(path.join(backend, "no-such-backend"), "project", "stack")).toEqual([]);
});
