import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runJest, slowestFiles } from "../../runner/jest.ts";
import type { Outcome } from "../../runner/step.ts";

const checkout = resolve(__dirname, "..", "..", "..");
let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "runner-"));
  mkdirSync(join(project, "tests"));
  symlinkSync(join(checkout, "node_modules"), join(project, "node_modules"));
  writeFileSync(join(project, "jest.config.cjs"), "module.exports = { testMatch: ['<rootDir>/tests/*.test.cjs'] };");
});
afterEach(() => rmSync(project, { recursive: true }));

const runIn = async (files: Record<string, string>): Promise<Outcome> => {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(project, "tests", name), content);
  return runJest({ cwd: project, config: "jest.config.cjs", log: join(project, "log") });
};

test("counts passed, failed and skipped tests, and shows failures and the names of skipped tests", async () => {
  const outcome = await runIn({
    "mixed.test.cjs":
      "test('good', () => {}); test('bad', () => { throw new Error('the reason'); }); describe('later', () => test.skip('on', () => {}));",
  });
  expect(outcome).toMatchObject({ passed: 1, failed: 1, skipped: 1 });
  expect(outcome.shown.join("\n")).toContain("the reason");
  expect(outcome.shown).toContain("skipped: later on");
});

test("counts a file that fails to load as a failure", async () => {
  const outcome = await runIn({
    "good.test.cjs": "test('good', () => {});",
    "broken.test.cjs": "this is not JavaScript",
  });
  expect(outcome).toMatchObject({ passed: 1, failed: 1 });
});

test("fails if there are no tests", async () => {
  expect(await runIn({})).toMatchObject({ passed: 0, failed: 1 });
});

test("shows the ten slowest files of a long run, slowest first", () => {
  const files = Array.from({ length: 12 }, (_, index) => ({
    name: `/checkout/tests/e2e/file-${index}.test.ts`,
    startTime: 1_000_000,
    endTime: 1_000_000 + index * 1500,
  }));
  const shown = slowestFiles(files);
  expect(shown).toHaveLength(10);
  expect(shown[0]).toBe("   16.5 s  file-11");
  expect(shown[9]).toBe("    3.0 s  file-2");
});
