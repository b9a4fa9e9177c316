import { objectsOf } from "../kubernetes/objects.ts";
import { validate } from "../kubernetes/validation/index.ts";
import {
  doubts,
  findings,
  ids,
  judge,
  namespace,
  policy,
  refusals,
  soundStack,
  unknown,
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

function refused(type: string, object: unknown): readonly (readonly [string, string])[] {
  const [read] = objectsOf(resource(`kubernetes:${type}`, object));
  if (read === undefined) throw new Error(`${type} is not read`);
  validate(read);
  return [...read.notes.malformed];
}

/** What is refused in each case, and nothing else. */
function table(type: string, cases: readonly ValidationCase[]): void {
  test.each(cases.map(([title, object, expected]) => ({ title, object, expected })))(
    `${type}: $title`,
    ({ object, expected }) => {
      const problems = expected === undefined ? [] : [expected.map((text) => containing(text))];
      expect(refused(type, object)).toEqual(problems);
    },
  );
}

table("networking.k8s.io/v1:NetworkPolicy", networkPolicyCases);
table("core/v1:Service", serviceCases);
table("core/v1:Namespace", namespaceCases);
table("policy/v1:PodDisruptionBudget", budgetCases);

test("a patch may leave out anything, and is refused for what it says", () => {
  const type = "core/v1:ServicePatch";
  expect(refused(type, { metadata: { name: "it" }, spec: { sessionAffinity: "None" } })).toEqual([]);
  expect(refused(type, { metadata: { name: "it" }, spec: { sessionAffinity: "Cookie" } })).toHaveLength(1);
});

test("what is not known is not refused, and no doubt by itself", () => {
  const hide = (value: unknown): readonly unknown[] => {
    if (typeof value !== "object" || value === null) return [unknown];
    const below = Object.entries(value).flatMap(([key, each]) =>
      hide(each).map((hidden) =>
        Array.isArray(value) ? value.with(Number(key), hidden) : { ...value, [key]: hidden },
      ),
    );
    return [unknown, ...below];
  };
  const sound = [...networkPolicyCases, ...serviceCases].filter(([, , expected]) => expected === undefined);
  for (const [title, object] of sound) {
    const type = object.kind === "Service" ? "core/v1:Service" : "networking.k8s.io/v1:NetworkPolicy";
    for (const hidden of hide(object))
      expect({ title, hidden, found: refused(type, hidden) }).toEqual({ title, hidden, found: [] });
  }
});

describe("in a stack", () => {
  const opened = (port: Json) => soundStack({ egress: { ports: [port] }, ingress: { ports: [port] } });

  test("what is refused is said once, and nothing is concluded from it", () => {
    for (const port of [{ port: "5432" }, { port: "pg", endPort: 6000 }, { port: 70_000 }]) {
      expect(findings(opened(port))).toEqual([]);
      expect(refusals(opened(port))).toHaveLength(2);
    }
    expect(refusals(opened({ port: 1, endPort: 65_535 }))).toEqual([]);
    expect(ids(findings(opened({ port: 1, endPort: 65_535 })))).toEqual(["all-ports"]);
  });

  test("the labels and ports of pods are among it", () => {
    const pods = (over: Json) => [namespace("back"), workload("back", "db", over)];
    const at = "Deployment back/db: spec.template";
    expect(refusals(pods({ labels: { app: 1 } }))).toEqual([
      `${at}.metadata.labels.app: the number 1, but the API expects a string`,
    ]);
    expect(refusals(pods({ labels: { app: "a b" } }))).toEqual([
      expect.stringContaining(`${at}.metadata.labels.app: "a b"`),
    ]);
    expect(refusals(pods({ ports: [0] }))).toEqual([
      `${at}.spec.containers[0].ports[0].containerPort: 0 must be between 1 and 65535`,
    ]);
    expect(refusals(pods({ ports: [{ name: "80", containerPort: 80 }] }))).toEqual([
      expect.stringContaining("must contain a letter"),
    ]);
    expect(refusals(pods({ ports: [{ name: "http", containerPort: 80 }] }))).toEqual([]);
  });

  test("pods without containers", () => {
    for (const containers of [[], null, undefined]) {
      const { model } = judge([namespace("back"), workload("back", "db", { spec: { containers } })]);
      const found = model.objects.flatMap(({ notes }) => [...notes.malformed]);
      expect(found).toEqual([["spec.template.spec.containers", "missing, a pod needs at least one container"]]);
    }
  });

  test("nulls in lists", () => {
    for (const spec of [
      { ingress: [null] },
      { ingress: [{ from: [null] }] },
      { ingress: [{ ports: [null] }] },
      { policyTypes: [null] },
    ])
      expect(refusals([policy("back", "it", spec)])).toEqual([expect.stringContaining("null, but the API expects")]);
    const list = resource("kubernetes:core/v1:List", { items: [null, { apiVersion: "v1", kind: "Namespace" }] }, "all");
    expect(refusals([list])).toEqual(["List default/all: items[0]: null, but the API expects a value"]);
  });
});

test("lists in lists are unpacked", () => {
  const items = (types: readonly string[]) =>
    soundStack()
      .filter(({ type }) => types.some((each) => type.endsWith(`:${each}`)))
      .map(({ props, type }) => ({
        kind: type.split(":").at(-1),
        apiVersion: type.split(":")[1]?.replace("core/", ""),
        ...(props as Json),
      }));
  const nested = [
    {
      apiVersion: "v1",
      kind: "List",
      items: [...items(["Namespace"]), { apiVersion: "v1", kind: "List", items: items(["Deployment"]) }],
    },
    { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicyList", items: items(["NetworkPolicy"]) },
  ];
  const stack = [resource("kubernetes:core/v1:List", { items: nested })];
  expect(judge(stack)).toMatchObject({ found: [], unknown: [] });
  expect(judge(stack).model.workloads).toHaveLength(2);
  expect(doubts(stack)).toEqual([]);
});
