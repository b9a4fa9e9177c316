import type { Step } from "./step.ts";
export function endToEndSteps(_o: object): Step[] {
  return [];
}
