import { eventually } from "../../e2e/eventually.ts";

const impatient = { timeout: 0.2, interval: 0.01 };

test("eventually returns what the condition returns once it neither throws nor is false", async () => {
  const results = [
    () => false,
    () => {
      throw new Error("not yet");
    },
    () => "there",
  ];
  expect(await eventually(() => results.shift()?.(), impatient)).toBe("there");
});

test("eventually gives up with the reason of the last try", async () => {
  await expect(eventually(() => Promise.reject(new Error("the replica is away")), impatient)).rejects.toThrow(
    "the replica is away",
  );
  await expect(eventually(() => false, impatient)).rejects.toThrow("condition not met within 0.2 s");
});
