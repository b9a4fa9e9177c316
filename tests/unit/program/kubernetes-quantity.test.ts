import * as fc from "fast-check";
import { canonicalQuantity, nanos } from "../../../settings/kubernetes-quantity.ts";
import { parseQuantity } from "../../../settings/quantity.ts";

// Expectations are what k8s.io/apimachinery's resource.Quantity prints.
test.each([
  ["0", "0"],
  ["0m", "0"],
  ["1000m", "1"],
  ["500m", "500m"],
  ["0.5", "500m"],
  ["0.01", "10m"],
  [".25", "250m"],
  ["1.5", "1500m"],
  ["2", "2"],
  ["1000", "1k"],
  ["1500", "1500"],
  ["64Mi", "64Mi"],
  ["1024Mi", "1Gi"],
  ["0.0625Gi", "64Mi"],
  ["1.5Gi", "1536Mi"],
  ["512", "512"],
  ["1024Ki", "1Mi"],
  ["100M", "100M"],
  ["1e3", "1e3"],
  ["1E6", "1E6"],
  ["12.5e2", "1250"],
  ["320.7e-2", "320.7e-2"],
  ["307.003", "307.003"],
  ["60.021M", "60.021M"],
  ["0.1Ki", "102400m"],
  ["0.1n", "1n"],
  ["-1500m", "-1500m"],
])("%s is written %s", (given, canonical) => {
  expect(canonicalQuantity(given)).toBe(canonical);
});

test.each(["20Gb", "1.2.3", "", "Gi", "1 Gi", "one", "1e999999999"])("%j is no quantity", (given) => {
  expect(canonicalQuantity(given)).toBeUndefined();
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
])("%s amounts to %d", (given, amount) => {
  expect(parseQuantity(given)).toBe(amount);
});

test("what is less than nothing is an amount, but none of a setting", () => {
  expect(nanos("-1Gi")).toBe(-(2n ** 30n) * 1_000_000_000n);
  expect(parseQuantity("-1Gi")).toBeUndefined();
  expect(parseQuantity("20Gb")).toBeUndefined();
});

test("the canonical form amounts to the same", () => {
  const digits = fc.stringMatching(/^[0-9]{1,6}(\.[0-9]{1,4})?$/);
  const suffixes = fc.constantFrom("", "n", "u", "m", "k", "M", "G", "E", "Ki", "Gi", "Ei", "e3", "E-2");
  fc.assert(
    fc.property(digits, suffixes, (number, suffix) => {
      expect(nanos(canonicalQuantity(number + suffix) ?? "")).toBe(nanos(number + suffix));
    }),
  );
});

test("the canonical form is its own canonical form", () => {
  const suffixes = fc.constantFrom("", "m", "k", "M", "G", "Ki", "Mi", "Gi");
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), suffixes, (digits, suffix) => {
      const once = canonicalQuantity(`${digits}${suffix}`);
      expect(once).toBeDefined();
      expect(canonicalQuantity(once ?? "")).toBe(once);
    }),
  );
});
