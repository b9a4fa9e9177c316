import { expect, test } from "@jest/globals";
import { definitionsIn, jsonSchema } from "../../validate/schemas.ts";

test("fields that a definition does not declare are errors, unless it preserves them", () => {
  expect(jsonSchema({ type: "object", properties: { size: { type: "string" } } })).toEqual({
    type: "object",
    properties: { size: { type: "string" } },
    additionalProperties: false,
  });
  const open = { type: "object", properties: {}, "x-kubernetes-preserve-unknown-fields": true };
  expect(jsonSchema(open)).not.toHaveProperty("additionalProperties");
});

test("declared maps keep the schema of their values, and lists that of their items", () => {
  const map = { type: "object", additionalProperties: { type: "object", properties: {} } };
  expect(jsonSchema(map)).toMatchObject({ additionalProperties: { additionalProperties: false } });
  expect(jsonSchema({ type: "array", items: map })).toMatchObject({
    items: { additionalProperties: { additionalProperties: false } },
  });
});

test("numbers or strings, and null, are what the API server takes them for", () => {
  expect(jsonSchema({ "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] })).toEqual({
    type: ["integer", "string"],
  });
  expect(jsonSchema({ type: "string", nullable: true })).toEqual({ type: ["string", "null"] });
});

test("schemas of value checks declare no fields, and forbid none", () => {
  const either = { type: "object", properties: { a: {}, b: {} }, anyOf: [{ required: ["a"], properties: { a: {} } }] };
  expect(jsonSchema(either)["anyOf"]).toEqual(either.anyOf);
});

test("only served versions of CustomResourceDefinitions define kinds", () => {
  const version = (name: string, served: boolean) => ({
    name,
    served,
    schema: { openAPIV3Schema: { type: "object" } },
  });
  const versions = [version("v1beta2", false), version("v1", true)];
  const crd = { kind: "CustomResourceDefinition", spec: { group: "example.com", names: { kind: "Thing" }, versions } };
  expect(definitionsIn([null, { kind: "ConfigMap" }, crd])).toEqual([
    { group: "example.com", version: "v1", kind: "Thing", schema: { type: "object" } },
  ]);
});
