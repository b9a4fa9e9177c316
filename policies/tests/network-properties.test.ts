import fc from "fast-check";
import type { Resource } from "../kubernetes/objects.ts";
import { arbitraryStack, type ValuePath, valuePathsIn, withUnknown } from "./arbitrary-stack.ts";
import { runRules } from "./network-support.ts";

/** The violations, by control and object, and everything that is reported as unknown. */
function evaluate(stack: readonly Resource[]) {
  const { violations, unknown, model } = runRules(stack, { allowedExternalPorts: [443] });
  const undecided = [
    ...unknown,
    ...model.objects.flatMap(({ urn, notes }) => [...notes.unknown].map((path) => urn + path)),
  ];
  return { violations: new Set(violations), undecided: new Set(undecided) };
}

test("an unknown value adds no violation, and hides one only if something is reported as unknown", () => {
  fc.assert(
    fc.property(arbitraryStack, fc.nat(), (stack, index) => {
      const paths = valuePathsIn(stack);
      const path = paths[index % paths.length] as ValuePath;
      const [before, after] = [evaluate(stack), evaluate(withUnknown(stack, path))];
      const added = [...after.violations].filter((violation) => !before.violations.has(violation));
      expect({ path, added }).toEqual({ path, added: [] });
      const lost = [...before.violations].filter((violation) => !after.violations.has(violation));
      const undecided = [...after.undecided].filter((each) => !before.undecided.has(each));
      if (undecided.length === 0) expect({ path, lost }).toEqual({ path, lost: [] });
    }),
    { numRuns: 500 },
  );
});
