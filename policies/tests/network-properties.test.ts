import fc from "fast-check";
import type { Resource } from "../kubernetes/objects.ts";
import { arbitraryStack, type Place, placesIn, withUnknown } from "./arbitrary-stack.ts";
import { judge } from "./network-support.ts";

/** What is found, by control and object, and whether anything is said to be in doubt. */
function judged(stack: readonly Resource[]) {
  const { violations, unknown, model } = judge(stack, { allowedExternalPorts: [443] });
  const doubts = [
    ...unknown,
    ...model.objects.flatMap(({ urn, notes }) => [...notes.unknown].map((path) => urn + path)),
  ];
  return { violations: new Set(violations), doubts: new Set(doubts) };
}

test("a value that is not known makes neither a violation of what is allowed nor the reverse, only a doubt", () => {
  fc.assert(
    fc.property(arbitraryStack, fc.nat(), (stack, index) => {
      const places = placesIn(stack);
      const place = places[index % places.length] as Place;
      const [before, after] = [judged(stack), judged(withUnknown(stack, place))];
      const added = [...after.violations].filter((violation) => !before.violations.has(violation));
      expect({ place, added }).toEqual({ place, added: [] });
      const lost = [...before.violations].filter((violation) => !after.violations.has(violation));
      const doubts = [...after.doubts].filter((doubt) => !before.doubts.has(doubt));
      if (doubts.length === 0) expect({ place, lost }).toEqual({ place, lost: [] });
    }),
    { numRuns: 500 },
  );
});
