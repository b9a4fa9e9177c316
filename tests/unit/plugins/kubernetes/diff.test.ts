import { detailedDiff, mergePatch, replacements } from "../../../../plugins/kubernetes/diff.ts";
import { text, unknown, type Fields } from "../../../../plugins/kubernetes/values.ts";

const mutable = { enableSecretMutable: true, enableConfigMapMutable: true };
const urnOf = (type: string): string => `urn:pulumi:s::p::kubernetes:${type}::r`;

function changes(
  before: Fields,
  inputs: Fields,
  ignoreChanges: string[] = [],
  options = mutable,
): Record<string, string> {
  const [apiVersion, kind] = [text(inputs, "apiVersion"), text(inputs, "kind")];
  const details = detailedDiff(before, inputs, { urn: urnOf(`${apiVersion}:${kind}`), ignoreChanges, ...options });
  return Object.fromEntries(
    [...details].map(([path, { kind, replaces }]) => [path, replaces ? `${kind}-replace` : kind]),
  );
}

const statefulSet = (spec: Fields): Fields => ({
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  metadata: { name: "s" },
  spec,
});

test("a merge patch has what differs, and null for what goes", () => {
  expect(mergePatch({ a: 1, b: { c: 1, d: 1 }, e: 1, l: [1] }, { a: 1, b: { c: 2, d: 1 }, l: [1, 2] })).toEqual({
    b: { c: 2 },
    e: null,
    l: [1, 2],
  });
});

test("equal objects have no changes", () => {
  expect(changes(statefulSet({ replicas: 1 }), statefulSet({ replicas: 1 }))).toEqual({});
});

test("a change of a mutable field is an update", () => {
  expect(changes(statefulSet({ replicas: 1 }), statefulSet({ replicas: 2 }))).toEqual({ "spec.replicas": "update" });
});

test.each(["podManagementPolicy", "revisionHistoryLimit", "serviceName", "volumeClaimTemplates"])(
  "a change of %s replaces a StatefulSet",
  (field) => {
    expect(changes(statefulSet({ [field]: "a" }), statefulSet({ [field]: "b" }))).toEqual({
      [`spec.${field}`]: "update-replace",
    });
  },
);

test("a change deep in a claim template replaces a StatefulSet, unless it is ignored", () => {
  const template = (storage: string): Fields =>
    statefulSet({ volumeClaimTemplates: [{ spec: { resources: { requests: { storage } } } }] });
  const path = "spec.volumeClaimTemplates[0].spec.resources.requests.storage";
  expect(changes(template("1Gi"), template("2Gi"))).toEqual({ [path]: "update-replace" });
  expect(changes(template("1Gi"), template("2Gi"), ["spec.volumeClaimTemplates"])).toEqual({});
});

test("a change of the pod template replaces a Job", () => {
  const job = (image: string): Fields => ({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "j" },
    spec: { template: { spec: { containers: [{ image }] } } },
  });
  expect(changes(job("a"), job("b"))).toEqual({ "spec.template.spec.containers[0].image": "update-replace" });
});

test("a change of an image replaces a Pod, a change of a toleration does not", () => {
  const pod = (spec: Fields): Fields => ({ apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec });
  expect(changes(pod({ containers: [{ image: "a" }] }), pod({ containers: [{ image: "b" }] }))).toEqual({
    "spec.containers[0].image": "update-replace",
  });
  expect(changes(pod({ tolerations: [] }), pod({ tolerations: [{ key: "a" }] }))).toEqual({
    "spec.tolerations[0]": "add",
  });
});

test("Secrets and ConfigMaps are replaced unless they are mutable", () => {
  const configMap = (data: Fields, more: Fields = {}): Fields => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "c" },
    data,
    ...more,
  });
  const immutable = { enableSecretMutable: false, enableConfigMapMutable: false };
  expect(changes(configMap({ a: "1" }), configMap({ a: "2" }))).toEqual({ "data.a": "update" });
  expect(changes(configMap({ a: "1" }), configMap({ a: "2" }), [], immutable)).toEqual({ "data.a": "update-replace" });
  const frozen = { immutable: true };
  expect(changes(configMap({ a: "1" }, frozen), configMap({ a: "2" }, frozen))).toEqual({ "data.a": "update-replace" });
});

test("names with dots are quoted in paths", () => {
  const configMap = (data: Fields): Fields => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data });
  expect(changes(configMap({ "a.b": "1" }), configMap({ "a.b": "2" }))).toEqual({ 'data["a.b"]': "update" });
  expect(changes(configMap({ "a.b": "1" }), configMap({ "a.b": "2" }), ['data["a.b"]'])).toEqual({});
});

test("another name is another object", () => {
  const named = (name: string): Fields => ({ apiVersion: "v1", kind: "Service", metadata: { name } });
  expect(changes(named("a"), named("b"))).toEqual({ "metadata.name": "update-replace" });
});

test("elements of lists are compared one by one", () => {
  const service = (...ports: Fields[]): Fields => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "s" },
    spec: { ports },
  });
  expect(changes(service({ port: 1, name: "a" }, { port: 2 }), service({ port: 1 }))).toEqual({
    "spec.ports[0].name": "delete",
    "spec.ports[1]": "delete",
  });
  expect(changes(service({ port: 1 }), service({ port: 1 }, { port: 2 }))).toEqual({ "spec.ports[1]": "add" });
});

test("a value that is not known yet is an update, or an addition", () => {
  expect(changes(statefulSet({ replicas: 1 }), statefulSet({ replicas: unknown, paused: unknown }))).toEqual({
    "spec.replicas": "update",
    "spec.paused": "add",
  });
});

test("a Patch resource changes in place whatever its object can", () => {
  const before = { apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "s" }, spec: { serviceName: "a" } };
  const inputs = { ...before, spec: { serviceName: "b" } };
  const details = detailedDiff(before, inputs, {
    urn: urnOf("apps/v1:StatefulSetPatch"),
    ignoreChanges: [],
    ...mutable,
  });
  expect(replacements(details)).toEqual([]);
  expect(details.size).toBe(1);
});

test("losing all metadata is a replacement", () => {
  const details = detailedDiff(
    { kind: "X", metadata: { name: "a" } },
    { kind: "X" },
    { urn: urnOf("v1:X"), ignoreChanges: [], ...mutable },
  );
  expect(replacements(details)).toEqual(["metadata"]);
});
