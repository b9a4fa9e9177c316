import { eventually } from "./eventually.ts";
import { remembered } from "./memory.ts";
import { objectNames } from "./objects.ts";
import { pulumi, state } from "./stack.ts";

test("destroy leaves no object behind, volumes included", async () => {
  await pulumi("destroy", "--yes", "--skip-preview");
  const before = new Set(remembered<string[]>("objects of the empty cluster"));
  // a volume goes after its claim has gone
  await eventually(async () => {
    expect((await objectNames()).filter((name) => !before.has(name))).toEqual([]);
  });
  expect((await state()).resources.filter(({ type }) => type !== "pulumi:pulumi:Stack")).toEqual([]);
});
