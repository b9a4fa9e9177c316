import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pipe, run } from "../../../../local/artifacts/command.ts";

let work: string;
const log = () => ({ path: path.join(work, "log"), note: () => undefined, progress: () => undefined });
beforeEach(() => {
  work = mkdtempSync(path.join(tmpdir(), "command-test-"));
});
afterEach(() => {
  rmSync(work, { recursive: true, force: true });
});

test("stdout is returned, and stdout and stderr are logged", async () => {
  const output = await run(log(), { argv: ["sh", "-c", "echo $GREETING; echo aside >&2"], env: { GREETING: "hello" } });
  expect(output).toBe("hello\n");
  expect(readFileSync(log().path, "utf8")).toMatch(/^\+ sh -c .*hello\n/s);
  expect(readFileSync(log().path, "utf8")).toContain("aside\n");
});

test("a failure reports the exit code, the last lines of output and the log", async () => {
  const failing = run(log(), { argv: ["sh", "-c", "echo no such host >&2; exit 3"] });
  await expect(failing).rejects.toThrow(`sh exited with code 3:\nno such host\n(log: ${log().path})`);
});

test("a pipe fails if either command fails", async () => {
  await pipe(["echo", "x"], ["grep", "-q", "x"]);
  await expect(pipe(["sh", "-c", "echo lost >&2; exit 1"], ["cat"])).rejects.toThrow("exited with code 1:\nlost");
  await expect(pipe(["echo", "x"], ["sh", "-c", "cat; exit 2"])).rejects.toThrow("exited with code 2");
});
