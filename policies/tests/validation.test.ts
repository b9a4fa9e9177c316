import { objectsOf } from "../kubernetes/objects.ts";
import { validate } from "../kubernetes/validation/index.ts";
import {
  findings,
  ids,
  invalidFields,
  listItem,
  namespace,
  policy,
  runRules,
  unknown,
  unknownValues,
  validStack,
  workload,
} from "./network-support.ts";
import { containing, resource, type Json } from "./support.ts";
import {
  budgetCases,
  namespaceCases,
  networkPolicyCases,
  serviceCases,
  type ValidationCase,
} from "./validation-cases.ts";

function invalidFieldsOf(type: string, object: unknown): readonly (readonly [string, string])[] {
  const [read] = objectsOf(resource(`kubernetes:${type}`, object));
  if (read === undefined) throw new Error(`${type} is not read`);
  validate(read);
  return [...read.notes.malformed];
}

/** Tests that each case has the expected problem and no other. */
function testCases(type: string, cases: readonly ValidationCase[]): void {
  test.each(cases.map(([title, object, expected]) => ({ title, object, expected })))(
    `${type}: $title`,
    ({ object, expected }) => {
      const problems = expected === undefined ? [] : [expected.map((text) => containing(text))];
      expect(invalidFieldsOf(type, object)).toEqual(problems);
    },
  );
}

testCases("networking.k8s.io/v1:NetworkPolicy", networkPolicyCases);
testCases("core/v1:Service", serviceCases);
testCases("core/v1:Namespace", namespaceCases);
testCases("policy/v1:PodDisruptionBudget", budgetCases);

test("a patch may omit required fields, but its fields must be valid", () => {
  const type = "core/v1:ServicePatch";
  expect(invalidFieldsOf(type, { metadata: { name: "it" }, spec: { sessionAffinity: "None" } })).toEqual([]);
  expect(invalidFieldsOf(type, { metadata: { name: "it" }, spec: { sessionAffinity: "Cookie" } })).toHaveLength(1);
});

test("an unknown value is not reported as invalid", () => {
  const variants = (value: unknown): readonly unknown[] => {
    if (typeof value !== "object" || value === null) return [unknown];
    const below = Object.entries(value).flatMap(([key, each]) =>
      variants(each).map((hidden) =>
        Array.isArray(value) ? value.with(Number(key), hidden) : { ...value, [key]: hidden },
      ),
    );
    return [unknown, ...below];
  };
  const valid = [...networkPolicyCases, ...serviceCases].filter(([, , expected]) => expected === undefined);
  for (const [title, object] of valid) {
    const type = object.kind === "Service" ? "core/v1:Service" : "networking.k8s.io/v1:NetworkPolicy";
    for (const hidden of variants(object))
      expect({ title, hidden, found: invalidFieldsOf(type, hidden) }).toEqual({ title, hidden, found: [] });
  }
});

describe("in a stack", () => {
  const allowing = (port: Json) => validStack({ egress: { ports: [port] }, ingress: { ports: [port] } });

  test("an invalid field is reported once, without further violations", () => {
    for (const port of [{ port: "5432" }, { port: "pg", endPort: 6000 }, { port: 70_000 }]) {
      expect(findings(allowing(port))).toEqual([]);
      expect(invalidFields(allowing(port))).toHaveLength(2);
    }
    expect(invalidFields(allowing({ port: 1, endPort: 65_535 }))).toEqual([]);
    expect(ids(findings(allowing({ port: 1, endPort: 65_535 })))).toEqual(["all-ports"]);
  });

  test("labels and ports of pods are validated", () => {
    const pods = (over: Json) => [namespace("back"), workload("back", "db", over)];
    const at = "Deployment back/db: spec.template";
    expect(invalidFields(pods({ labels: { app: 1 } }))).toEqual([
      `${at}.metadata.labels.app: the number 1, but the API expects a string`,
    ]);
    expect(invalidFields(pods({ labels: { app: "a b" } }))).toEqual([
      expect.stringContaining(`${at}.metadata.labels.app: "a b"`),
    ]);
    expect(invalidFields(pods({ ports: [0] }))).toEqual([
      `${at}.spec.containers[0].ports[0].containerPort: 0 must be between 1 and 65535`,
    ]);
    expect(invalidFields(pods({ ports: [{ name: "80", containerPort: 80 }] }))).toEqual([
      expect.stringContaining("must contain a letter"),
    ]);
    expect(invalidFields(pods({ ports: [{ name: "http", containerPort: 80 }] }))).toEqual([]);
  });

  test("pods without containers are reported", () => {
    for (const containers of [[], null, undefined]) {
      const { model } = runRules([namespace("back"), workload("back", "db", { spec: { containers } })]);
      const found = model.objects.flatMap(({ notes }) => [...notes.malformed]);
      expect(found).toEqual([["spec.template.spec.containers", "missing, a pod needs at least one container"]]);
    }
  });

  test("nulls in lists are reported", () => {
    for (const spec of [
      { ingress: [null] },
      { ingress: [{ from: [null] }] },
      { ingress: [{ ports: [null] }] },
      { policyTypes: [null] },
    ])
      expect(invalidFields([policy("back", "it", spec)])).toEqual([containing("null, but the API expects")]);
    const list = resource("kubernetes:core/v1:List", { items: [null, { apiVersion: "v1", kind: "Namespace" }] }, "all");
    expect(invalidFields([list])).toEqual(["List default/all: items[0]: null, but the API expects a value"]);
  });
});

test("nested lists are read as their items", () => {
  const items = (types: readonly string[]) =>
    validStack()
      .filter(({ type }) => types.some((each) => type.endsWith(`:${each}`)))
      .map(listItem);
  const nested = [
    {
      apiVersion: "v1",
      kind: "List",
      items: [...items(["Namespace"]), { apiVersion: "v1", kind: "List", items: items(["Deployment"]) }],
    },
    { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicyList", items: items(["NetworkPolicy"]) },
  ];
  const stack = [resource("kubernetes:core/v1:List", { items: nested })];
  expect(runRules(stack)).toMatchObject({ found: [], unknown: [] });
  expect(runRules(stack).model.workloads).toHaveLength(2);
  expect(unknownValues(stack)).toEqual([]);
});
