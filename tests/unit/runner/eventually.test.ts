import { eventually } from "../../e2e/eventually.ts";

const impatient = { timeout: 0.2, interval: 0.01 };

test("eventually returns the first result that is neither false nor an error", async () => {
  const results = [
    () => false,
    () => {
      throw new Error("not yet");
    },
    () => "there",
  ];
  expect(await eventually(() => results.shift()?.(), impatient)).toBe("there");
});

test("eventually fails with the error of the last attempt", async () => {
  await expect(eventually(() => Promise.reject(new Error("the replica is down")), impatient)).rejects.toThrow(
    "the replica is down",
  );
  await expect(eventually(() => false, impatient)).rejects.toThrow("condition not met within 0.2 s");
});
