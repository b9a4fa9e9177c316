import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { platformProblem } from "../../../local/preflight.ts";
import { skippedStep } from "../../runner/skipped.ts";

const checkout = resolve(__dirname, "..", "..", "..");
let project: string;

/** A project whose end-to-end tests fail if they run. */
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "end-to-end-"));
  const config = "export default { testMatch: ['<rootDir>/own/*.test.cjs'] };";
  symlinkSync(join(checkout, "node_modules"), join(project, "node_modules"));
  writeFileSync(join(project, "package.json"), "{}");
  for (const folder of ["own", "policies/own"]) mkdirSync(join(project, folder), { recursive: true });
  for (const folder of ["", "policies"]) {
    writeFileSync(join(project, folder, "jest.e2e.config.mjs"), config);
    writeFileSync(
      join(project, folder, "own", "cluster.test.cjs"),
      `describe("the cluster", () => {
         beforeAll(() => { throw new Error("must not run"); });
         test("${folder || "data layer"} runs", () => { throw new Error("must not run"); });
       });`,
    );
  }
});
afterEach(() => rmSync(project, { recursive: true }));

const configs = ["jest.e2e.config.mjs", "policies/jest.e2e.config.mjs"];

test("there is no such step on a machine that can host the cluster", () => {
  expect(skippedStep(project, [], configs)).toBeUndefined();
});

test("otherwise every test is reported as skipped by name, and none runs", async () => {
  const problem = platformProblem("linux", 1000);
  const step = skippedStep(project, problem === undefined ? [] : [problem], configs);
  expect(await step?.run(join(project, "log"))).toEqual({
    passed: 0,
    failed: 0,
    skipped: 2,
    shown: [
      "This machine cannot host the embedded cluster:",
      expect.stringMatching(/^- The embedded cluster needs root .* Run the command as root \(sudo\)/),
      "skipped: the cluster data layer runs",
      "skipped: the cluster policies runs",
    ],
  });
});
