import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Outcome, type RunOptions, run, tail } from "./step.ts";

/** The part of jest's `--json` report that is read here. */
interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** Test files that could not be loaded, and so have no tests to count. */
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** How jest is run by {@link runJest}. */
export interface JestOptions extends RunOptions {
  /** Configuration file, relative to `cwd`. */
  readonly config: string;
  /** Further arguments: options and parts of file names. */
  readonly args?: readonly string[];
}

/** Runs jest and counts its tests; a file that does not load counts as one failed test, and so does a jest that does not report. */
export async function runJest(options: JestOptions): Promise<Outcome> {
  const report = `${options.log}.json`;
  rmSync(report, { force: true });
  const jest = join(options.cwd, "node_modules", "jest", "bin", "jest.js");
  const args = [jest, "--config", options.config, "--json", `--outputFile=${report}`, ...(options.args ?? [])];
  const code = await run(process.execPath, args, options);
  if (!existsSync(report))
    return { passed: 0, failed: 1, skipped: 0, shown: ["jest ended without a report", ...tail(options.log)] };
  return outcomeOf(JSON.parse(readFileSync(report, "utf8")) as JestReport, code, options.echo === true);
}

function outcomeOf(report: JestReport, code: number, failuresShown: boolean): Outcome {
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  const messages = report.testResults.filter((file) => file.message !== "").map((file) => file.message);
  const failures = failuresShown ? [] : messages;
  // jest can also fail as a whole, for example when no test file is found
  const whole = failed === 0 && code !== 0 ? 1 : 0;
  return {
    passed: report.numPassedTests,
    failed: failed + whole,
    skipped: report.numPendingTests + report.numTodoTests,
    shown: [...failures, ...(whole === 1 ? [`jest ended with exit code ${code}`] : []), ...leftOut(report)],
  };
}

/** Names of the tests that did not run. */
function leftOut(report: JestReport): string[] {
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  return tests
    .filter(({ status }) => status === "pending" || status === "todo")
    .map(({ fullName }) => `skipped: ${fullName}`);
}
