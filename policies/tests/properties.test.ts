import fc from "fast-check";
import { objectsOf } from "../kubernetes/objects.ts";
import { compatible, implies, readSelector, selects, type Selector } from "../network/selector.ts";
import { Notes, Value } from "../kubernetes/value.ts";
import { NetworkModel } from "../network/model.ts";
import { networkRules } from "../network/rules/index.ts";
import { evaluate } from "../pod-security/evaluate.ts";
import { readPod } from "../pod-security/read-pod.ts";
import { podTemplateOf } from "../kubernetes/pods.ts";
import { arbitraryPodSpec } from "./arbitrary-pod.ts";
import { pod, podOf, resource, verdict, type Json } from "./support.ts";

const minor = fc.oneof(fc.integer({ min: 0, max: 38 }), fc.constant(Infinity));
const level = fc.constantFrom("baseline" as const, "restricted" as const);

const template = (spec: Json, metadata: Json) => ({ spec: { template: { metadata, spec } } });
const wrappers: Readonly<Record<string, (spec: Json, metadata: Json) => Json>> = {
  "core/v1:Pod": (spec, metadata) => ({ metadata, spec }),
  "core/v1:PodTemplate": (spec, metadata) => ({ template: { metadata, spec } }),
  "core/v1:ReplicationController": template,
  "apps/v1:Deployment": template,
  "apps/v1beta1:Deployment": template,
  "extensions/v1beta1:Deployment": template,
  "apps/v1:StatefulSet": template,
  "apps/v1beta2:StatefulSet": template,
  "apps/v1:DaemonSet": template,
  "apps/v1:ReplicaSet": template,
  "batch/v1:Job": template,
  "batch/v1:CronJob": (spec, metadata) => ({ spec: { jobTemplate: template(spec, metadata) } }),
  "batch/v1beta1:CronJob": (spec, metadata) => ({ spec: { jobTemplate: template(spec, metadata) } }),
  "core/v1:PodList": (spec, metadata) => ({ items: [{ metadata, spec }] }),
  "apps/v1:DeploymentList": (spec, metadata) => ({ items: [template(spec, metadata)] }),
  "core/v1:List": (spec, metadata) => ({
    items: [{ apiVersion: "apps/v1", kind: "DaemonSet", ...template(spec, metadata) }],
  }),
};

test("wrapping a pod spec in any kind does not change the result", () => {
  fc.assert(
    fc.property(
      arbitraryPodSpec,
      fc.dictionary(annotationKey(), fc.string()),
      level,
      minor,
      (spec, annotations, at, since) => {
        const expected = evaluate(pod(spec, { annotations }), at, since).map(({ detail }) => detail);
        for (const [type, wrap] of Object.entries(wrappers)) {
          const wrapped = podOf(resource(`kubernetes:${type}`, wrap(spec, { annotations })));
          expect({ type, details: evaluate(wrapped, at, since).map(({ detail }) => detail) }).toEqual({
            type,
            details: expected,
          });
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("unrelated fields do not change the result", () => {
  const unrelated = fc.dictionary(
    fc.string().map((key) => `x-${key}`),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(arbitraryPodSpec, unrelated, level, minor, (spec, extra, at, since) => {
      const add = (value: unknown): unknown => {
        if (Array.isArray(value)) return value.map(add);
        return typeof value === "object" && value !== null ? { ...extra, ...mapValues(value as Json, add) } : value;
      };
      const { volumes, ...rest } = spec;
      const padded = { ...(add(rest) as Json), ...(volumes === undefined ? {} : { volumes }) };
      expect(evaluate(pod(padded), at, since)).toEqual(evaluate(pod(spec), at, since));
    }),
  );
});

test("baseline admits what restricted admits, since v1.25", () => {
  fc.assert(
    fc.property(arbitraryPodSpec, fc.integer({ min: 25, max: 38 }), (spec, since) => {
      const admitted = evaluate(pod(spec), "restricted", since).length === 0;
      if (admitted) expect(evaluate(pod(spec), "baseline", since)).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test("null fields are treated as not set", () => {
  const withNulls = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(withNulls);
    return typeof value === "object" && value !== null
      ? { ...mapValues(value as Json, withNulls), nodeName: null, hostIPC: (value as Json).hostIPC ?? null }
      : value;
  };
  fc.assert(
    fc.property(arbitraryPodSpec, level, (generated, at) => {
      const spec = { ...generated, volumes: undefined };
      expect(verdict(pod(withNulls(spec)), at, "latest")).toEqual(verdict(pod(spec), at, "latest"));
    }),
  );
});

test("no object crashes the pack", () => {
  const kinds = fc.constantFrom(
    ...Object.keys(wrappers),
    "networking.k8s.io/v1:NetworkPolicy",
    "core/v1:Service",
    "core/v1:Namespace",
    "apps/v1:DeploymentPatch",
  );
  const keys = fc.constantFrom(
    "metadata",
    "spec",
    "template",
    "containers",
    "securityContext",
    "volumes",
    "ports",
    "items",
    "podSelector",
    "ingress",
    "from",
    "to",
    "matchLabels",
    "ipBlock",
    "annotations",
    "labels",
    "name",
    "namespace",
  );
  const { anything } = fc.letrec((tie) => ({
    anything: fc.oneof(
      { depthSize: "small" },
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.string(),
      fc.constant("[secret]"),
      fc.array(tie("anything"), { maxLength: 3 }),
      fc.dictionary(keys, tie("anything")),
    ),
  }));
  fc.assert(
    fc.property(kinds, fc.dictionary(keys, anything), (type, props) => {
      const made = resource(`kubernetes:${type}`, props);
      for (const object of objectsOf(made)) {
        const found = podTemplateOf(object);
        if (found !== undefined) evaluate(readPod(found), "restricted", Infinity);
      }
      const model = new NetworkModel([made, made]);
      for (const { find } of networkRules) Array.from(find(model, { settings: {}, elsewhere: () => undefined }));
    }),
    { numRuns: 1000 },
  );
});

describe("selectors", () => {
  const label = fc.constantFrom("a", "b", "c");
  const requirement = fc.oneof(
    fc.record({
      key: label,
      operator: fc.constantFrom("In", "NotIn"),
      values: fc.array(label, { minLength: 1, maxLength: 2 }),
    }),
    fc.record({ key: label, operator: fc.constantFrom("Exists", "DoesNotExist") }),
  );
  const selector = fc.array(requirement, { maxLength: 3 }).map((matchExpressions): Selector => {
    return readSelector(Value.root({ matchExpressions }, new Notes()));
  });
  const everyPod = [undefined, "a", "b", "c", "z"].flatMap((a) =>
    [undefined, "a", "b", "c", "z"].flatMap((b) =>
      [undefined, "a", "b", "c", "z"].map(
        (c) =>
          new Map(Object.entries({ a, b, c }).filter((entry): entry is [string, string] => entry[1] !== undefined)),
      ),
    ),
  );

  test("are compatible if both select some pod; one implies the other if the other selects all of its pods", () => {
    fc.assert(
      fc.property(selector, selector, (left, right) => {
        expect(compatible(left, right)).toBe(
          everyPod.some((labels) => selects(left, labels) && selects(right, labels)),
        );
        expect(implies(left, right)).toBe(everyPod.every((labels) => !selects(left, labels) || selects(right, labels)));
      }),
      { numRuns: 1000 },
    );
  });
});

function annotationKey() {
  return fc.constantFrom(
    "seccomp.security.alpha.kubernetes.io/pod",
    "container.seccomp.security.alpha.kubernetes.io/a",
    "container.apparmor.security.beta.kubernetes.io/a",
    "other",
  );
}

function mapValues(object: Json, map: (value: unknown) => unknown): Json {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}
