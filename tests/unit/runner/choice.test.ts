import { choiceOf } from "../../runner/choice.ts";

test("without words all end-to-end tests run", () => {
  expect(choiceOf([])).toEqual({ local: [], policies: true, production: [] });
});

test("names choose among the tests of stack local, and policies those of the policy pack", () => {
  expect(choiceOf(["redis", "kafka"])).toEqual({ local: ["redis", "kafka"], policies: false });
  expect(choiceOf(["policies"])).toEqual({ policies: true });
  expect(choiceOf(["policies", "redis"])).toEqual({ local: ["redis"], policies: true });
});

test("production chooses its tests only, all or the named ones", () => {
  expect(choiceOf(["production"])).toEqual({ policies: false, production: [] });
  expect(choiceOf(["production", "failover"])).toEqual({ policies: false, production: ["failover"] });
});
