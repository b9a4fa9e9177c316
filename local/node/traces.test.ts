import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { finishRemoval, removeTree, signal } from "./traces.ts";

let place: string;
beforeEach(() => {
  place = mkdtempSync(path.join(tmpdir(), "traces-"));
});
afterEach(() => rmSync(place, { recursive: true }));

const fill = (name: string): string => {
  const directory = path.join(place, name);
  mkdirSync(path.join(directory, "data"), { recursive: true });
  writeFileSync(path.join(directory, "data", "file"), "");
  return directory;
};

test("a tree is removed with what a removal left that was killed", async () => {
  fill("state.removed");
  const directory = fill("state");
  await removeTree(directory);
  expect(readdirSync(place)).toEqual([]);
});

test("what a killed removal left is removed when the tree itself is gone, and not what has another name", async () => {
  fill("state.removed");
  fill("stateful");
  await removeTree(path.join(place, "state"));
  expect(readdirSync(place)).toEqual(["stateful"]);
});

test("finishing a removal leaves a new tree of the same name alone", async () => {
  fill("state.removed");
  const directory = fill("state");
  await finishRemoval(directory);
  expect(readdirSync(place)).toEqual(["state"]);
  expect(existsSync(path.join(directory, "data", "file"))).toBe(true);
});

test("a tree with something mounted below it is left whole", async () => {
  await expect(removeTree("/proc")).rejects.toThrow(/\/proc has mounts below it; remove them with: umount/);
});

test("a process that has ended needs no signal", () => {
  // the largest process id of Linux and one more
  expect(() => signal(2 ** 22 + 1, "SIGKILL")).not.toThrow();
});
