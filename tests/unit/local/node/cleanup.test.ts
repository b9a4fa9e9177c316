import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { finishRemoval, removeTree, signal } from "../../../../local/node/cleanup.ts";

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(path.join(tmpdir(), "cleanup-"));
});
afterEach(() => rmSync(parent, { recursive: true }));

const createTree = (name: string): string => {
  const directory = path.join(parent, name);
  mkdirSync(path.join(directory, "data"), { recursive: true });
  writeFileSync(path.join(directory, "data", "file"), "");
  return directory;
};

test("a tree is removed together with the remains of a killed removal", async () => {
  createTree("state.removed");
  const directory = createTree("state");
  await removeTree(directory);
  expect(readdirSync(parent)).toEqual([]);
});

test("the remains of a killed removal are removed when the tree itself is gone; similar names are kept", async () => {
  createTree("state.removed");
  createTree("stateful");
  await removeTree(path.join(parent, "state"));
  expect(readdirSync(parent)).toEqual(["stateful"]);
});

test("finishing a removal keeps a new tree of the same name", async () => {
  createTree("state.removed");
  const directory = createTree("state");
  await finishRemoval(directory);
  expect(readdirSync(parent)).toEqual(["state"]);
  expect(existsSync(path.join(directory, "data", "file"))).toBe(true);
});

test("a tree that contains mounts is not removed", async () => {
  await expect(removeTree("/proc")).rejects.toThrow(/\/proc contains mounts: unmount them with: umount/);
});

test("signalling a process that has exited is no error", () => {
  // one more than the largest PID on Linux
  expect(() => signal(2 ** 22 + 1, "SIGKILL")).not.toThrow();
});
