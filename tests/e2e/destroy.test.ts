import { remembered } from "./memory.ts";
import { objectNames } from "./objects.ts";
import { pulumi, state } from "./stack.ts";

test("destroy leaves no object behind", async () => {
  await pulumi("destroy", "--yes", "--skip-preview");
  expect(await objectNames()).toEqual(remembered("objects of the empty cluster"));
  expect((await state()).resources.filter(({ type }) => type !== "pulumi:pulumi:Stack")).toEqual([]);
});
