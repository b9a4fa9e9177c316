import { unknown, type Fields } from "../../../../plugins/random/values.ts";
import { changes, inputsOf, planned, preview, problems, state } from "../../../../plugins/random/plan.ts";
import { kinds, type Kind } from "../../../../plugins/random/resources.ts";

const kind = (name: string): Kind => {
  const found = kinds[`random:index/random${name}:Random${name}`];
  if (found === undefined) throw new Error(name);
  return found;
};
const password = kind("Password");
const made: Fields = { ...planned(password, { length: 24, special: false, keepers: { version: "1" } }), result: "x" };

test("the state holds the defaults, as the official plugin's does", async () => {
  const attributes = planned(password, { length: 8 });
  const full = state(password, attributes, await password.create(attributes));
  const { result, bcryptHash, ...rest } = full;
  expect(rest).toEqual({
    __meta: '{"schema_version":"3"}',
    id: "none",
    length: 8,
    lower: true,
    minLower: 0,
    minNumeric: 0,
    minSpecial: 0,
    minUpper: 0,
    number: true,
    numeric: true,
    special: true,
    upper: true,
  });
  expect(result).toHaveLength(8);
  expect(bcryptHash).toMatch(/^\$2a\$10\$/);
});

test("a changed keeper replaces, the same inputs change nothing, no keepers and empty ones are the same", () => {
  const inputs = { length: 24, special: false, keepers: { version: "1" } };
  expect(changes(password, made, inputs)).toEqual({ changed: [], replacing: [] });
  expect(changes(password, made, { ...inputs, keepers: { version: "2" } })).toEqual({
    changed: ["keepers"],
    replacing: ["keepers"],
  });
  expect(changes(password, made, { ...inputs, keepers: unknown })).toEqual({
    changed: ["keepers"],
    replacing: ["keepers"],
  });
  const without = { ...made };
  delete without["keepers"];
  expect(changes(password, without, { length: 24, special: false, keepers: {} }).replacing).toEqual([]);
});

test("wrong inputs are all named", () => {
  expect(problems(password, { foo: 1 }).map(({ property }) => property)).toEqual(["foo", "length"]);
  expect(problems(password, { length: "x" })[0]?.reason).toContain("integer");
  expect(problems(password, { length: 2, minUpper: 2, minLower: 1 })[0]?.reason).toContain("3");
  expect(problems(password, { length: 2, number: true, numeric: false })).toHaveLength(1);
  expect(problems(password, { length: unknown })).toEqual([]);
  expect(problems(kind("Integer"), { min: 4, max: 1 })).toHaveLength(1);
  expect(problems(kind("Integer"), { min: 1, max: 4, seed: "s" })[0]?.reason).toContain("official plugin");
});

test("what is drawn is unknown in a preview", () => {
  expect(preview(kind("Uuid"), {})).toEqual({ result: unknown, id: unknown });
});

test("an imported resource has the inputs that would make it", async () => {
  const adopted = await kind("Id").adopt?.("p-,4cpEuvsuDgY");
  expect(adopted?.outputs).toMatchObject({
    hex: "p-e1ca44bafb2e0e06",
    dec: "p-16269892173698043398",
    b64Std: "p-4cpEuvsuDgY=",
  });
  expect(inputsOf(kind("Id"), adopted?.outputs ?? {})).toEqual({ byteLength: 8, prefix: "p-" });
});
