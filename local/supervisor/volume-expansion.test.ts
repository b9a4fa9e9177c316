import { quantity } from "./volume-expansion.ts";

test.each([
  ["20Gi", 20 * 2 ** 30],
  ["1.5Gi", 1.5 * 2 ** 30],
  ["10G", 1e10],
  ["1024", 1024],
  ["1e9", 1e9],
])("%s is %d bytes", (text, bytes) => expect(quantity(text)).toBe(bytes));

test.each(["20Gb", "", "Gi", "-1Gi"])("%j is refused", (text) =>
  expect(() => quantity(text)).toThrow(/not a quantity/),
);
