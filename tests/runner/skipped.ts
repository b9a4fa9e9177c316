import { formatProblems, type Problem } from "../../local/preflight.ts";
import { runJest } from "./jest.ts";
import type { Outcome, Step } from "./step.ts";

/**
 * A step that replaces the end-to-end tests on a machine that cannot host the cluster. Reports every test as skipped,
 * and the reasons. Undefined if there are no problems.
 * @param problems results of the preflight checks
 * @param configs jest configurations of the end-to-end tests, relative to the checkout
 */
export function skippedStep(
  checkout: string,
  problems: readonly Problem[],
  configs: readonly string[],
): Step | undefined {
  if (problems.length === 0) return undefined;
  return {
    name: "end-to-end tests",
    run: async (log) => {
      const outcomes: Outcome[] = [];
      // a pattern that matches no test name
      for (const config of configs) {
        outcomes.push(await runJest({ cwd: checkout, config, args: ["--testNamePattern=^$"], log }));
      }
      const sum = (count: (outcome: Outcome) => number): number =>
        outcomes.reduce((total, each) => total + count(each), 0);
      return {
        passed: sum(({ passed }) => passed),
        failed: sum(({ failed }) => failed),
        skipped: sum(({ skipped }) => skipped),
        shown: [
          "This machine cannot host the embedded cluster:",
          formatProblems(problems),
          ...outcomes.flatMap(({ shown }) => shown),
        ],
      };
    },
  };
}
