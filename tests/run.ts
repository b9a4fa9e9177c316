/** `npm test`: formatting, lint, types, shell scripts and unit tests, and beside them end-to-end on embedded clusters. */
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { cacheDirectory } from "../launcher/cache-directory.ts";
import { wasShown } from "../launcher/report.ts";
import { busyboxStep } from "./runner/busybox.ts";
import { endToEndSuites } from "./runner/e2e.ts";
import { runJest } from "./runner/jest.ts";
import { shellcheckStep } from "./runner/shellcheck.ts";
import { commandStep, interruption, type Outcome, type Step } from "./runner/step.ts";

const checkout = resolve(import.meta.dirname, "..");
const logs = join(checkout, ".state", "test");

const help = `Usage: npm test [-- [lint] [unit] [e2e [NAME...]] [--keep]]

  lint        formatting, lint, types, shell scripts
  unit        unit tests and golden files; those of shell scripts under this machine's shell and under BusyBox
  e2e         end-to-end tests on embedded clusters of their own: those of stack local and of the policy pack, then
              those of stack local-production. Parts of file names in tests/e2e choose among the first ("provision"
              always runs first), "policies" those of the policy pack; "production [NAME...]" those in
              tests/e2e/production

Without arguments: all three.

  --keep      leave the cluster of the end-to-end tests up at the end ("npm test" begins by taking it down)
  --help      this text

Logs lie in .state/test/. The exit code is 0 when nothing failed; the last line says how much passed and failed.
`;

const groups = ["lint", "unit", "e2e"] as const;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h" }, keep: { type: "boolean", default: false } },
  });
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  const chosen = groups.filter((group) => positionals.includes(group));
  const names = positionals.filter((word) => !groups.some((group) => group === word));
  if (names.length > 0 && !chosen.includes("e2e")) {
    process.stderr.write(`"${names.join(" ")}" is not a part of the tests: lint, unit or e2e\n`);
    return 2;
  }

  mkdirSync(logs, { recursive: true });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interruption.abort());
  const totals = { passed: 0, failed: 0, skipped: 0 };
  const count = async (step: Step): Promise<void> => {
    const outcome = await report(step);
    totals.passed += outcome.passed;
    totals.failed += outcome.failed;
    totals.skipped += outcome.skipped;
  };
  const inTurn = async (group: string, steps: readonly Step[] | AsyncIterable<Step>): Promise<void> => {
    for await (const step of reported(group, steps)) {
      if (interruption.signal.aborted) break;
      await count(step);
    }
  };
  const wanted = chosen.length === 0 ? groups : chosen;
  const suites = wanted.includes("e2e") ? endToEndSuites({ checkout, logs, names, keep: values.keep }) : [];
  // The end-to-end tests wait for much of their time, so the others run beside them.
  await Promise.all([
    (async () => {
      // First, as they compute for minutes, on all cores.
      if (wanted.includes("unit")) await inTurn("unit", stepsOf.policies);
      // Each of these programs uses one core.
      if (wanted.includes("lint")) await Promise.all(stepsOf.lint.map(count));
      if (wanted.includes("unit")) await inTurn("unit", stepsOf.unit);
    })(),
    ...suites.map((steps) => inTurn("e2e", steps)),
  ]);
  const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : "";
  process.stdout.write(`${totals.passed} passed, ${totals.failed} failed${skipped}\n`);
  return totals.failed === 0 && !interruption.signal.aborted ? 0 : 1;
}

const node = process.execPath;
const tool = (...path: string[]): string => join(checkout, "node_modules", ...path);

const jestStep = (name: string, config: string): Step => ({
  name,
  run: (log) => runJest({ cwd: checkout, config, log, givesWay: true }),
});

const stepsOf: Record<"lint" | "unit" | "policies", readonly Step[]> = {
  lint: [
    commandStep("formatting", node, [tool("prettier", "bin", "prettier.cjs"), "--check", "."], checkout),
    commandStep("lint", node, [tool("eslint", "bin", "eslint.js"), "--max-warnings=0", "."], checkout),
    commandStep("types", node, [tool("typescript", "bin", "tsc"), "-p", "."], checkout),
    commandStep("types of the policies", node, [tool("typescript", "bin", "tsc"), "-p", "policies"], checkout),
    shellcheckStep(checkout, cacheDirectory()),
  ],
  unit: [jestStep("unit tests", "jest.config.mjs"), busyboxStep(checkout, cacheDirectory())],
  policies: [jestStep("unit tests of the policies", "policies/jest.config.mjs")],
};

/** The steps, and one more that fails where the next step cannot even be told: the last line is written in any case. */
async function* reported(group: string, steps: readonly Step[] | AsyncIterable<Step>): AsyncGenerator<Step> {
  try {
    yield* steps;
  } catch (error) {
    yield {
      name: `steps of ${group}`,
      run: () => Promise.reject(error instanceof Error ? error : new Error(String(error))),
    };
  }
}

/** Why a step did not come to a result; empty where that has been shown already. */
function explanation(error: unknown): string[] {
  if (interruption.signal.aborted) return ["interrupted"];
  if (wasShown(error)) return [];
  return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
}

/** Runs a step, and shows its result and time, and whatever of it the reader has to see. */
async function report(step: Step): Promise<Outcome> {
  const log = join(logs, `${step.name.replaceAll(/\W+/g, "-")}.log`);
  const begun = performance.now();
  const outcome = await step.run(log).catch((error: unknown) => ({
    passed: 0,
    failed: 1,
    skipped: 0,
    shown: explanation(error),
  }));
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const verdict = outcome.failed > 0 ? "FAILED" : outcome.passed > 0 ? "ok" : "skipped";
  const tests = outcome.passed + outcome.failed > 1 ? ` (${outcome.passed} passed, ${outcome.failed} failed)` : "";
  process.stdout.write(`${verdict.padEnd(8)}${seconds.padStart(7)} s  ${step.name}${tests}\n`);
  for (const line of outcome.shown) process.stdout.write(`    ${line.replaceAll("\n", "\n    ")}\n`);
  if (outcome.failed > 0 && existsSync(log)) process.stdout.write(`    log: ${log}\n`);
  return outcome;
}

process.exitCode = await main(process.argv.slice(2));
