import { unknown, type Fields } from "../../../../plugins/random/values.ts";
import { changes, inputsFromState, preview, problems, state, withDefaults } from "../../../../plugins/random/plan.ts";
import { type ResourceType, resourceTypes } from "../../../../plugins/random/resources.ts";

const resourceType = (name: string): ResourceType => {
  const found = resourceTypes[`random:index/random${name}:Random${name}`];
  if (found === undefined) throw new Error(name);
  return found;
};
const password = resourceType("Password");
const existing: Fields = {
  ...withDefaults(password, { length: 24, special: false, keepers: { version: "1" } }),
  result: "x",
};

test("the state contains the defaults, like the official plugin's", async () => {
  const attributes = withDefaults(password, { length: 8 });
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

test("a changed keeper replaces the resource; equal inputs, and empty instead of missing keepers, do not", () => {
  const inputs = { length: 24, special: false, keepers: { version: "1" } };
  expect(changes(password, existing, inputs)).toEqual({ changed: [], replacing: [] });
  expect(changes(password, existing, { ...inputs, keepers: { version: "2" } })).toEqual({
    changed: ["keepers"],
    replacing: ["keepers"],
  });
  expect(changes(password, existing, { ...inputs, keepers: unknown })).toEqual({
    changed: ["keepers"],
    replacing: ["keepers"],
  });
  const without = { ...existing };
  delete without["keepers"];
  expect(changes(password, without, { length: 24, special: false, keepers: {} }).replacing).toEqual([]);
});

test("all invalid inputs are reported", () => {
  expect(problems(password, { foo: 1 }).map(({ property }) => property)).toEqual(["foo", "length"]);
  expect(problems(password, { length: "x" })[0]?.reason).toContain("integer");
  expect(problems(password, { length: 2, minUpper: 2, minLower: 1 })[0]?.reason).toContain("3");
  expect(problems(password, { length: 2, number: true, numeric: false })).toHaveLength(1);
  expect(problems(password, { length: unknown })).toEqual([]);
  expect(problems(resourceType("Integer"), { min: 4, max: 1 })).toHaveLength(1);
  expect(problems(resourceType("Integer"), { min: 1, max: 4, seed: "s" })[0]?.reason).toContain("official plugin");
});

test("generated outputs are unknown in a preview", () => {
  expect(preview(resourceType("Uuid"), {})).toEqual({ result: unknown, id: unknown });
});

test("an imported resource gets the corresponding inputs", async () => {
  const imported = await resourceType("Id").importById?.("p-,4cpEuvsuDgY");
  expect(imported?.outputs).toMatchObject({
    hex: "p-e1ca44bafb2e0e06",
    dec: "p-16269892173698043398",
    b64Std: "p-4cpEuvsuDgY=",
  });
  expect(inputsFromState(resourceType("Id"), imported?.outputs ?? {})).toEqual({ byteLength: 8, prefix: "p-" });
});
