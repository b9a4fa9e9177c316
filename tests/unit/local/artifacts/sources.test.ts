import { mkdtempSync, rmSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { copySource, sourceDigest } from "../../../../local/artifacts/sources.ts";

let target: string;
beforeEach(() => {
  target = mkdtempSync(path.join(tmpdir(), "sources-test-"));
});
afterEach(() => {
  rmSync(target, { recursive: true });
});

test("a folder is copied with its content, and executables stay executable", async () => {
  await copySource("kafka/bin", path.join(target, "bin"));
  expect(await readdir(path.join(target, "bin"))).toContain("kafka-run-class.sh");
  expect(statSync(path.join(target, "bin/kafka-run-class.sh")).mode & 0o777).toBe(0o755);
});

test("a single file is copied to the target path itself", async () => {
  await copySource("kafka/config/log4j2.yaml", path.join(target, "new.yaml"));
  expect(statSync(path.join(target, "new.yaml")).mode & 0o777).toBe(0o644);
});

test("digests depend on the content", () => {
  expect(sourceDigest("kafka/bin")).not.toBe(sourceDigest("kafka/config"));
  expect(sourceDigest("kafka/bin")).toBe(sourceDigest("kafka/bin"));
});
