import { fieldManager, fromState, markSecrets, toObject, toState } from "../../../../plugins/kubernetes/checkpoint.ts";
import { Secret, type Fields } from "../../../../plugins/kubernetes/values.ts";

test("the data of a Secret is secret, whatever it was made from", () => {
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, data: { a: "Yg==" } };
  const state = toState({ inputs: secret, live: secret, initialApiVersion: "v1", fieldManager: "m" }, {});
  expect(state["data"]).toEqual(new Secret({ a: "Yg==" }));
  expect((state["__inputs"] as Fields)["data"]).toEqual(new Secret({ a: "Yg==" }));
});

test("what is secret in the inputs is secret in the state, as narrowly as can be", () => {
  const state: Fields = { spec: { a: "x", b: "y", list: [{ c: "z" }] }, other: "o" };
  markSecrets(state, { spec: { a: new Secret("x"), b: "y", list: [{ c: new Secret("z") }] }, other: "o" });
  expect(state).toEqual({ spec: { a: new Secret("x"), b: "y", list: new Secret([{ c: "z" }]) }, other: "o" });
});

test("a state gives back the inputs and the object it was made of", () => {
  const inputs = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data: { a: "b" } };
  const live = { ...inputs, metadata: { name: "c", uid: "u" } };
  const state = toState({ inputs, live, initialApiVersion: "v1", fieldManager: "m" }, { data: new Secret({ a: "b" }) });
  expect(fromState(state)).toEqual({ inputs, live });
});

test("x-kubernetes names have dashes in objects and underscores in properties", () => {
  const crd = { kind: "CustomResourceDefinition", schema: { x_kubernetes_preserve_unknown_fields: true } };
  const object = toObject(crd);
  expect(object["schema"]).toEqual({ "x-kubernetes-preserve-unknown-fields": true });
  const state = toState({ inputs: object, live: object, initialApiVersion: "v1", fieldManager: "m" }, {});
  expect(state["schema"]).toEqual({ x_kubernetes_preserve_unknown_fields: true });
});

test("the field manager is the annotation's, else the state's, else a new one", () => {
  const annotated = { metadata: { annotations: { "pulumi.com/patchFieldManager": "mine" } } };
  expect(fieldManager({ __fieldManager: "kept" }, annotated, true)).toBe("mine");
  expect(fieldManager({ __fieldManager: "kept" }, {}, true)).toBe("kept");
  expect(fieldManager({}, {}, true)).toMatch(/^pulumi-kubernetes-[0-9a-f]{8}$/);
  expect(fieldManager({ __fieldManager: "kept" }, {}, false)).toBe("pulumi-kubernetes");
});
