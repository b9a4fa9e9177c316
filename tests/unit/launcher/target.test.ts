import { startHint, targetOf, targetOption, type TargetOptions } from "../../../launcher/target.ts";

/** The target of options on a machine whose state directories have these stacks. */
const chosen = (options: TargetOptions, states: Readonly<Record<string, string>> = {}) =>
  targetOf(options, (name) => states[name]);

test("without options it is stack local in a state of this name", () => {
  expect(chosen({})).toEqual({ name: "local", stack: "local" });
});

test("a stack has a state of its name, or the one that --state chooses", () => {
  expect(chosen({ stack: "local-production" })).toEqual({ name: "local-production", stack: "local-production" });
  expect(chosen({ stack: "local-production", state: "second" })).toEqual({ name: "second", stack: "local-production" });
  expect(chosen({ state: "second" })).toEqual({ name: "second", stack: "local" });
});

test("a state keeps its stack", () => {
  const states = { second: "local-production", "context-mine": "production" };
  expect(chosen({ state: "second" }, states)).toEqual({ name: "second", stack: "local-production" });
  expect(chosen({ context: "mine" }, states)).toEqual({ name: "context-mine", context: "mine", stack: "production" });
  expect(() => chosen({ state: "second", stack: "local" }, states)).toThrow(
    "State second has stack local-production, not local. Choose another one with --state NAME, or remove it first: " +
      "npm run down -- --state second --stack local-production",
  );
  expect(() => chosen({ context: "mine", stack: "local" }, states)).toThrow(
    /^Context mine has stack production, not local: a cluster has one data layer\. .* --context mine destroy" and delete \S*context-mine$/,
  );
});

test("the options in messages choose the same target again", () => {
  for (const options of [
    {},
    { stack: "local-production" },
    { state: "second" },
    { state: "local", stack: "local-production" },
    { context: "mine", stack: "staging" },
  ]) {
    const target = chosen(options);
    const words = targetOption(target);
    const again = Object.fromEntries(
      words.flatMap((word, index) => (word.startsWith("--") ? [[word.slice(2), words[index + 1]]] : [])),
    ) as TargetOptions;
    expect(chosen(again)).toEqual(target);
  }
  expect(startHint(chosen({}))).toBe("npm start");
  expect(startHint(chosen({ stack: "local-production" }))).toBe("npm start -- --stack local-production");
});

test("--context and --state exclude each other", () => {
  expect(() => chosen({ context: "mine", state: "second" })).toThrow("Use --context or --state, not both");
});
