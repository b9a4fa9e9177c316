import { parseQuantity } from "../../../settings/quantity.ts";

test.each(["20Gb", "1.2.3", "", "Gi", "1 Gi", "one", "1e999999999", "-1Gi"])("%j is not a quantity", (given) => {
  expect(parseQuantity(given)).toBeUndefined();
});

test.each([
  ["20Gi", 20 * 2 ** 30],
  ["1.5Gi", 1.5 * 2 ** 30],
  ["10G", 1e10],
  ["1024", 1024],
  ["1e9", 1e9],
  ["250m", 0.25],
  ["100u", 1e-4],
  ["1n", 1e-9],
  ["9007199254740991", Number.MAX_SAFE_INTEGER],
  ["2Ei", 2 ** 61],
  ["0", 0],
  ["0.1n", 1e-9],
  [".25", 0.25],
  ["0.0625Gi", 64 * 2 ** 20],
  ["320.7e-2", 3.207],
])("%s is %d", (given, amount) => {
  expect(parseQuantity(given)).toBe(amount);
});
