import { existsSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { type Outcome, type RunOptions, run, tail } from "./step.ts";

/** The fields of jest's `--json` report that are used here. */
interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** Test files that failed to load and therefore have no tests. */
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    /** Milliseconds since 1970. */
    readonly startTime: number;
    readonly endTime: number;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Options of {@link runJest}. */
export interface JestOptions extends RunOptions {
  /** Configuration file, relative to `cwd`. */
  readonly config: string;
  /** Additional arguments: options and parts of file names. */
  readonly args?: readonly string[];
}

/** Runs jest and counts its tests. A file that fails to load counts as one failure, and so does a missing report. */
export async function runJest(options: JestOptions): Promise<Outcome> {
  const report = `${options.log}.json`;
  rmSync(report, { force: true });
  const jest = join(options.cwd, "node_modules", "jest", "bin", "jest.js");
  const args = [jest, "--config", options.config, "--json", `--outputFile=${report}`, ...(options.args ?? [])];
  const code = await run(process.execPath, args, options);
  if (!existsSync(report))
    return { passed: 0, failed: 1, skipped: 0, shown: ["jest did not write a report", ...tail(options.log)] };
  return outcomeOf(JSON.parse(readFileSync(report, "utf8")) as JestReport, code, options.echo === true);
}

function outcomeOf(report: JestReport, code: number, isEchoed: boolean): Outcome {
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  const messages = report.testResults.filter((file) => file.message !== "").map((file) => file.message);
  const failures = isEchoed ? [] : messages;
  // jest also fails without a failed test, for example if it finds no test file
  const unattributed = failed === 0 && code !== 0 ? 1 : 0;
  return {
    passed: report.numPassedTests,
    failed: failed + unattributed,
    skipped: report.numPendingTests + report.numTodoTests,
    shown: [
      ...failures,
      ...(unattributed === 1 ? [`jest exited with code ${code}`] : []),
      ...skippedTests(report),
      ...(isEchoed ? slowestFiles(report.testResults) : []),
    ],
  };
}

/** The ten slowest test files with their times, slowest first. */
export function slowestFiles(
  files: readonly { readonly name: string; readonly startTime: number; readonly endTime: number }[],
): string[] {
  const times = files.map(({ name, startTime, endTime }) => ({ name, seconds: (endTime - startTime) / 1000 }));
  const slowest = times.sort((a, b) => b.seconds - a.seconds).slice(0, 10);
  return slowest.map(({ name, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${basename(name, ".test.ts")}`);
}

/** Names of the tests that did not run. */
function skippedTests(report: JestReport): string[] {
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  return tests
    .filter(({ status }) => status === "pending" || status === "todo")
    .map(({ fullName }) => `skipped: ${fullName}`);
}
