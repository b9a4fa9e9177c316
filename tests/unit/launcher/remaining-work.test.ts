import { availableParallelism } from "node:os";
import { RemainingWork } from "../../../launcher/remaining-work.ts";

const expected = new Map([
  ["one", 600],
  ["other", 600],
]);

test("the initial estimate depends on the number of cores", () => {
  const minutes = Math.ceil((20 * 2) / Math.min(availableParallelism(), 8));
  expect(new RemainingWork(expected).left([])).toBe(`about ${String(minutes)} minutes`);
});

test("later estimates use the measured speed", () => {
  const work = new RemainingWork(expected, 0);
  expect(work.left([{ title: "one", done: 0.5 }], 600_000)).toBe("about 30 minutes");
  work.end("one");
  expect(work.left([{ title: "other", done: 0 }], 600_000)).toBe("about 10 minutes");
  expect(work.left([{ title: "other", done: 0.99 }], 600_000)).toBe("about 1 minute");
});

test("a phase that is not part of the expected work is ignored", () => {
  const work = new RemainingWork(expected, 0);
  work.end("one");
  work.end("unexpected");
  expect(work.isLong).toBe(true);
  work.end("other");
  expect(work.isLong).toBe(false);
});

test("work of less than a minute is not long", () => {
  expect(new RemainingWork(new Map([["one", 20]])).isLong).toBe(false);
});
