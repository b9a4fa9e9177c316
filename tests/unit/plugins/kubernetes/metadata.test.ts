import { adoptName, assignName, hasGenerateName, idOf, parseId } from "../../../../plugins/kubernetes/metadata.ts";
import { unknown, type Fields } from "../../../../plugins/kubernetes/values.ts";

const urn = "urn:pulumi:s::p::my:component$kubernetes:core/v1:ConfigMap::settings";
const seed = new Uint8Array([1, 2, 3]);

test("an object without a name is named after its resource, the same for the same seed", () => {
  const [first, second]: [Fields, Fields] = [{ metadata: {} }, {}];
  assignName(first, urn, seed, undefined);
  assignName(second, urn, seed, undefined);
  expect(first).toEqual(second);
  expect(first["metadata"]).toEqual({
    name: expect.stringMatching(/^settings-[0-9a-f]{8}$/) as string,
    annotations: { "pulumi.com/autonamed": "true" },
  });
});

test("a name, known or not, stays", () => {
  for (const name of ["mine", unknown]) {
    const object = { metadata: { name } };
    assignName(object, urn, seed, undefined);
    expect(object).toEqual({ metadata: { name } });
  }
});

test("the stack's autonaming configuration decides", () => {
  const object: Fields = {};
  assignName(object, urn, seed, { disabled: false, proposedName: "proposed" });
  expect(idOf(object)).toBe("proposed");
  expect(() => assignName({}, urn, seed, { disabled: true, proposedName: "" })).toThrow(/set metadata.name/);
});

test("a generated name is kept by updates, a given one is not taken for generated", () => {
  const previous = { metadata: { name: "settings-1", annotations: { "pulumi.com/autonamed": "true" } } };
  const object: Fields = {};
  adoptName(object, previous);
  expect(object).toEqual(previous);
  const unnamed: Fields = {};
  adoptName(unnamed, { metadata: { name: "given" } });
  expect(unnamed).toEqual({});
});

test("generateName counts only without a name", () => {
  expect(hasGenerateName({ metadata: { generateName: "a-" } })).toBe(true);
  expect(hasGenerateName({ metadata: { generateName: "a-", name: "b" } })).toBe(false);
});

test("ids name the namespace of namespaced objects", () => {
  expect(idOf({ metadata: { name: "n", namespace: "s" } })).toBe("s/n");
  expect(parseId("s/n")).toEqual({ namespace: "s", name: "n" });
  expect(parseId("n")).toEqual({ namespace: "", name: "n" });
});
