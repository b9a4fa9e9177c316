import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { checkToolchain, OPERATORS_GO } from "../../../../local/artifacts/toolchain.ts";

const machinePath = process.env.PATH;
let bin: string;
beforeEach(() => {
  bin = mkdtempSync(path.join(tmpdir(), "toolchain-test-"));
});
afterEach(() => {
  process.env.PATH = machinePath;
  rmSync(bin, { recursive: true, force: true });
});

test("all missing tools are reported together, each with its fix", async () => {
  process.env.PATH = bin;
  const message = await checkToolchain(bin).then(
    () => "",
    (error: unknown) => String(error),
  );
  expect(message).toMatch(/go is not on PATH: install Go 1\.24\.0 or newer/);
  expect(message).toMatch(/apt-get is not on PATH: on Debian, apt-get install apt/);
  expect(message).toMatch(/flock is not on PATH: on Debian, apt-get install util-linux/);
  expect(message).toMatch(/mvn is not on PATH: on Debian, apt-get install maven/);
});

test.each([
  { version: "go1.23.9", tooOld: true },
  { version: "go1.24.0", tooOld: false },
  { version: "go2.0", tooOld: false },
  { version: "go1.26.3", minimum: OPERATORS_GO, tooOld: true },
  { version: "go1.26.4", minimum: OPERATORS_GO, tooOld: false },
  { version: "go1.27.0", minimum: OPERATORS_GO, tooOld: false },
])("$version", async ({ version, minimum, tooOld }) => {
  writeFileSync(path.join(bin, "go"), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 });
  process.env.PATH = bin;
  const message = await checkToolchain(bin, minimum).then(
    () => "",
    (error: unknown) => String(error),
  );
  expect(message.includes(`go is ${version}`)).toBe(tooOld);
});
