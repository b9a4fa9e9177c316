import { randomInteger, randomString, shuffled, uuid7, type StringRules } from "../../../../plugins/random/generate.ts";

const rules: StringRules = {
  length: 12,
  upper: true,
  lower: true,
  numeric: true,
  special: true,
  minUpper: 0,
  minLower: 0,
  minNumeric: 0,
  minSpecial: 0,
  overrideSpecial: "",
};

test("a random string has its length, its minimums and no character it must not have", () => {
  const constrained = { ...rules, lower: false, minUpper: 3, minNumeric: 2, minSpecial: 4, overrideSpecial: "_-" };
  for (let round = 0; round < 200; round++) {
    const text = randomString(constrained);
    expect(text).toMatch(/^[A-Z0-9_-]{12}$/);
    expect(text.replaceAll(/[^A-Z]/g, "").length).toBeGreaterThanOrEqual(3);
    expect(text.replaceAll(/[^0-9]/g, "").length).toBeGreaterThanOrEqual(2);
    expect(text.replaceAll(/[^_-]/g, "").length).toBeGreaterThanOrEqual(4);
  }
});

test("required characters stand anywhere in the string", () => {
  const places = new Set<number>();
  for (let round = 0; round < 300; round++) {
    places.add(
      randomString({ ...rules, lower: false, upper: false, special: false, length: 4, minUpper: 1 }).search(/[A-Z]/),
    );
  }
  expect([...places].sort()).toEqual([0, 1, 2, 3]);
});

test("nothing to choose from is an error", () => {
  const nothing = { ...rules, upper: false, lower: false, numeric: false, special: false };
  expect(() => randomString(nothing)).toThrow("empty");
});

test("integers cover their range, both ends included", () => {
  const seen = new Set(Array.from({ length: 500 }, () => randomInteger(-2, 2)));
  expect([...seen].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
  expect(randomInteger(7, 7)).toBe(7);
});

test("a shuffle keeps every item and gives every order", () => {
  const orders = new Set(Array.from({ length: 500 }, () => shuffled(["a", "b", "c"]).join("")));
  expect([...orders].sort()).toEqual(["abc", "acb", "bac", "bca", "cab", "cba"]);
});

test("UUIDs of version 7 carry version, variant and time", () => {
  expect(uuid7(0x0123456789ab)).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
