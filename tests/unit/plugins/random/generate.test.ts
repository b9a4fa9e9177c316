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

test("a random string has the requested length, minimums and allowed characters only", () => {
  const constrained = { ...rules, lower: false, minUpper: 3, minNumeric: 2, minSpecial: 4, overrideSpecial: "_-" };
  for (let round = 0; round < 200; round++) {
    const text = randomString(constrained);
    expect(text).toMatch(/^[A-Z0-9_-]{12}$/);
    expect(text.replaceAll(/[^A-Z]/g, "").length).toBeGreaterThanOrEqual(3);
    expect(text.replaceAll(/[^0-9]/g, "").length).toBeGreaterThanOrEqual(2);
    expect(text.replaceAll(/[^_-]/g, "").length).toBeGreaterThanOrEqual(4);
  }
});

test("required characters can be at any position", () => {
  const positions = new Set<number>();
  for (let round = 0; round < 300; round++) {
    positions.add(
      randomString({ ...rules, lower: false, upper: false, special: false, length: 4, minUpper: 1 }).search(/[A-Z]/),
    );
  }
  expect([...positions].sort()).toEqual([0, 1, 2, 3]);
});

test("an empty character set is an error", () => {
  const empty = { ...rules, upper: false, lower: false, numeric: false, special: false };
  expect(() => randomString(empty)).toThrow("empty");
});

test("integers cover their range, both bounds included", () => {
  const seen = new Set(Array.from({ length: 500 }, () => randomInteger(-2, 2)));
  expect([...seen].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
  expect(randomInteger(7, 7)).toBe(7);
});

test("a shuffle keeps all items and can produce every order", () => {
  const orders = new Set(Array.from({ length: 500 }, () => shuffled(["a", "b", "c"]).join("")));
  expect([...orders].sort()).toEqual(["abc", "acb", "bac", "bca", "cab", "cba"]);
});

test("version 7 UUIDs contain version, variant and time", () => {
  expect(uuid7(0x0123456789ab)).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
