import { waitForRule } from "../../../../plugins/kubernetes/await/conditions.ts";
import type { Verdict } from "../../../../plugins/kubernetes/await/rule.ts";
import type { Fields } from "../../../../plugins/kubernetes/values.ts";

const judge = (annotation: string, object: Fields): Verdict =>
  waitForRule(annotation).judge({ object, related: {}, settled: true });
const withCondition = (condition: Fields, status: Fields = {}): Fields => ({
  metadata: { generation: 2 },
  status: { conditions: [condition], ...status },
});

test("a condition must be True, or what is asked for, whatever the case", () => {
  expect(judge("condition=Ready", withCondition({ type: "ready", status: "True" })).ready).toBe(true);
  expect(judge("condition=Ready=False", withCondition({ type: "Ready", status: "false" })).ready).toBe(true);
  expect(
    judge("condition=Ready", withCondition({ type: "Ready", status: "False", reason: "No", message: "why" })).reasons,
  ).toEqual(["condition Ready is False (No: why)"]);
  expect(judge("condition=Ready", {}).reasons).toEqual(["there is no condition Ready"]);
});

test("a condition of an older generation does not count", () => {
  expect(judge("condition=Ready", withCondition({ type: "Ready", status: "True", observedGeneration: 1 })).ready).toBe(
    false,
  );
  expect(
    judge("condition=Ready", withCondition({ type: "Ready", status: "True" }, { observedGeneration: 1 })).ready,
  ).toBe(false);
});

test("a path must select something, or the value that is asked for", () => {
  const object = { status: { phase: "Running", replicas: 3 } };
  expect(judge("jsonpath={.status.phase}", object).ready).toBe(true);
  expect(judge("jsonpath={.status.phase}=Running", object).ready).toBe(true);
  expect(judge("jsonpath={ .status.replicas }=3", object).ready).toBe(true);
  expect(judge("jsonpath={.status.phase}=Done", object).status).toBe(
    "Waiting for {.status.phase}=Done (found Running)",
  );
  expect(judge("jsonpath={.status.gone}", object).reasons).toEqual([".status.gone selects nothing"]);
});

test("a path to more than one value cannot equal one", () => {
  expect(judge("jsonpath={.status}=x", { status: { a: 1 } }).failed).toBe(true);
});

test("all expressions of a list must hold", () => {
  const annotation = `["jsonpath={.status.phase}=Running", "condition=Ready"]`;
  const object = { status: { phase: "Running", conditions: [{ type: "Ready", status: "False" }] } };
  expect(judge(annotation, object).reasons).toEqual(["condition Ready is False"]);
  expect(
    judge(annotation, { status: { ...object.status, conditions: [{ type: "Ready", status: "True" }] } }).ready,
  ).toBe(true);
});

test.each(["Ready", "jsonpath=.status", "jsonpath='{.status}'", "jsonpath={.a[}", "[]"])(
  "%j is refused",
  (annotation) => {
    expect(() => waitForRule(annotation)).toThrow(/^pulumi.com\/waitFor: /);
  },
);
