import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { cached, digest, entryPath, withLock } from "../../../../local/artifacts/cache.ts";

let cacheDir: string;
beforeEach(() => {
  cacheDir = mkdtempSync(path.join(tmpdir(), "cache-test-"));
});
afterEach(() => {
  rmSync(cacheDir, { recursive: true, force: true });
});

const key = (inputs: string) => ({ cacheDir, name: "thing", inputs });
const writes = (text: string) => (directory: string) => {
  writeFileSync(path.join(directory, "file"), text);
  return Promise.resolve();
};
const mustNotBuild = (): Promise<void> => Promise.reject(new Error("must not be built"));

test("an artifact is built once for the same inputs and again for different ones", async () => {
  const first = await cached({ ...key("a"), build: writes("one") });
  expect(readFileSync(path.join(first, "file"), "utf8")).toBe("one");
  expect(await cached({ ...key("a"), build: mustNotBuild })).toBe(first);
  expect(await cached({ ...key("b"), build: writes("two") })).not.toBe(first);
});

test("a failed build leaves no files, and the next one starts from scratch", async () => {
  const failing = async (directory: string): Promise<void> => {
    await writes("half")(directory);
    throw new Error("network is down");
  };
  await expect(cached({ ...key("a"), build: failing })).rejects.toThrow("network is down");
  expect(readdirSync(path.join(cacheDir, "artifacts"))).toEqual([]);
  const entry = await cached({ ...key("a"), build: writes("whole") });
  expect(readFileSync(path.join(entry, "file"), "utf8")).toBe("whole");
});

test("a build removes the partial files of a killed build of the same artifact only", async () => {
  const entry = entryPath(key("a"));
  const another = `${entryPath(key("b"))}.77.partial`;
  mkdirSync(`${entry}.4242.partial/deep`, { recursive: true });
  mkdirSync(another);
  await cached({ ...key("a"), build: writes("whole") });
  expect(readdirSync(path.dirname(entry)).sort()).toEqual([path.basename(another), path.basename(entry)].sort());
});

test("concurrent requests for an artifact build it once", async () => {
  let builds = 0;
  const build = async (directory: string): Promise<void> => {
    builds++;
    await new Promise((resume) => setTimeout(resume, 50));
    await writes("once")(directory);
  };
  const entries = await Promise.all(Array.from({ length: 5 }, () => cached({ ...key("a"), build })));
  expect(builds).toBe(1);
  expect(new Set(entries).size).toBe(1);
});

test("a lock is released when its holder is killed", async () => {
  const lock = path.join(cacheDir, "locks/one");
  const script = path.join(cacheDir, "holder.mjs");
  const module = path.join(__dirname, "../../../../local/artifacts/cache.ts");
  writeFileSync(
    script,
    `import { withLock } from ${JSON.stringify(module)};
     await withLock(${JSON.stringify(lock)}, async () => { console.log("held"); await new Promise(() => setInterval(() => {}, 1000)); });`,
  );
  const holder = spawn(process.execPath, ["--experimental-strip-types", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((held) => holder.stdout.once("data", held));

  const order: string[] = [];
  const waiting = new Promise<void>((noticed) => {
    const mine = withLock(lock, () => Promise.resolve(order.push("mine")), noticed);
    void mine.then(() => noticed());
  });
  await waiting;
  expect(order).toEqual([]);
  const killed = new Promise((resolve) => holder.once("close", resolve));
  holder.kill("SIGKILL");
  await killed;
  await withLock(lock, () => Promise.resolve());
  expect(order).toEqual(["mine"]);
});

test("a digest depends on the values, not on the order of the keys", () => {
  expect(digest({ a: 1, b: [1, 2] })).toBe(digest({ b: [1, 2], a: 1 }));
  expect(digest({ a: 1, b: [1, 2] })).not.toBe(digest({ a: 1, b: [2, 1] }));
  expect(existsSync(entryPath(key("never built")))).toBe(false);
});
