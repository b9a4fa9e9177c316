import { jsonPath } from "../../../../plugins/kubernetes/await/jsonpath.ts";

const object = {
  status: {
    phase: "Running",
    replicas: 3,
    conditions: [
      { type: "Ready", status: "True", n: 1 },
      { type: "Failed", status: "False", n: 2 },
    ],
  },
  metadata: { annotations: { "a.b/c": "x" } },
};

test.each([
  ["$.status.phase", ["Running"]],
  ["$['status']['phase']", ["Running"]],
  [`$.metadata.annotations["a.b/c"]`, ["x"]],
  ["$.status.conditions[0].type", ["Ready"]],
  ["$.status.conditions[-1].type", ["Failed"]],
  ["$.status.conditions[*].status", ["True", "False"]],
  ["$..phase", ["Running"]],
  ["$.nothing.here", []],
  [`$.status.conditions[?(@.type=="Ready")].status`, ["True"]],
  [`$.status.conditions[?(@.type=="Complete"||@.type=="Failed")].status`, ["False"]],
  [`$.status.conditions[?@.type == 'Ready' && @.n < 2].status`, ["True"]],
  [`$.status.conditions[?(!(@.n >= 2))].type`, ["Ready"]],
  [`$.status.conditions[?(@.n)].n`, [1, 2]],
  [`$.status.conditions[?(@.type=="true")].n`, []],
])("%s", (path, values) => {
  expect(jsonPath(path)(object)).toEqual(values);
});

test.each([".a", "$.a[", "$.a[?(@.b ==)]", "$.a b", "$[]"])("%s is refused", (path) => {
  expect(() => jsonPath(path)).toThrow(/cannot read/);
});
