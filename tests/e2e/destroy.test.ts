import { eventually } from "./eventually.ts";
import { objectNames } from "./objects.ts";
import { savedValue } from "./saved-values.ts";
import { pulumi, state } from "./stack.ts";

test("destroy removes all objects, including volumes", async () => {
  await pulumi("destroy", "--yes", "--skip-preview");
  const before = new Set(savedValue<string[]>("objects of the empty cluster"));
  // a volume is deleted some time after its claim
  await eventually(async () => {
    expect((await objectNames()).filter((name) => !before.has(name))).toEqual([]);
  });
  expect((await state()).resources.filter(({ type }) => type !== "pulumi:pulumi:Stack")).toEqual([]);
});
