import { describe, type Problem } from "../../local/preflight.ts";
import { runJest } from "./jest.ts";
import type { Outcome, Step } from "./step.ts";

/**
 * What takes the place of the end-to-end tests where a machine cannot host the cluster: a step that lists all of their tests as
 * skipped, and why. Undefined where it can.
 * @param problems What the machine lacks
 * @param configs jest's configurations of the end-to-end tests, relative to the checkout
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
      const all: Outcome[] = [];
      // jest is asked for a name that no test has
      for (const config of configs) {
        all.push(await runJest({ cwd: checkout, config, args: ["--testNamePattern=^$"], log }));
      }
      const sum = (count: (outcome: Outcome) => number): number => all.reduce((total, each) => total + count(each), 0);
      return {
        passed: sum(({ passed }) => passed),
        failed: sum(({ failed }) => failed),
        skipped: sum(({ skipped }) => skipped),
        shown: [
          "This machine cannot host the embedded cluster:",
          describe(problems),
          ...all.flatMap(({ shown }) => shown),
        ],
      };
    },
  };
}
