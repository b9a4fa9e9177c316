import { basename } from "node:path";

/** Prints every end-to-end test when it ends, with its duration and failures. */
export default class Reporter {
  onTestCaseResult(file, test) {
    // two suites may run side by side
    const name = basename(file.path, ".test.ts");
    const seconds = ((test.duration ?? 0) / 1000).toFixed(1).padStart(7);
    const verdict = { passed: "ok", failed: "FAILED" }[test.status] ?? "skipped";
    process.stdout.write(`${verdict.padEnd(8)}${seconds} s  ${name}: ${test.fullName}\n`);
    for (const message of test.failureMessages) process.stdout.write(`      ${message.replaceAll("\n", "\n      ")}\n`);
  }

  onTestResult(_file, result) {
    // a file that fails to load has no tests to report the error
    if (result.testExecError !== undefined && result.testExecError !== null)
      process.stdout.write(`${result.failureMessage ?? ""}\n`);
  }
}
