import type * as StructMessages from "google-protobuf/google/protobuf/struct_pb.js";

type Messages = typeof StructMessages;

/** The generated code has its own global registry: each copy needs a fresh one. */
function load(change: (messages: Messages) => void = () => undefined): Messages {
  let messages: Messages | undefined;
  jest.isolateModules(() => {
    messages = jest.requireActual<Messages>("google-protobuf/google/protobuf/struct_pb.js");
    change(messages);
  });
  return messages as Messages;
}

const generated = load();
const quick = load(jest.requireActual<(messages: Messages) => void>("../../../plugins/quick-struct.cjs"));

/** The bytes of a struct with one field. */
const field = (name: string): Uint8Array => generated.Struct.fromJavaScript({ [name]: 1 }).serializeBinary();

const values = {
  nothing: null,
  number: -1.5,
  zero: 0,
  text: "größer 🐘\n",
  none: "",
  yes: true,
  no: false,
  list: [1, "a", null, [], {}, [[true]], { inner: [null] }],
  object: { "": "empty name", nested: { deeper: { list: [{ a: 1 }, { b: null }] } } },
  long: "x".repeat(100_000),
};

test("writes what the generated code writes", () => {
  const bytes = quick.Struct.fromJavaScript(values).serializeBinary();
  expect(Buffer.from(bytes)).toEqual(Buffer.from(generated.Struct.fromJavaScript(values).serializeBinary()));
});

test("reads what the generated code wrote", () => {
  const bytes = generated.Struct.fromJavaScript(values).serializeBinary();
  const read = quick.Struct.deserializeBinary(bytes).toJavaScript();
  expect(read).toEqual(values);
  expect(JSON.stringify(read)).toBe(JSON.stringify(generated.Struct.deserializeBinary(bytes).toJavaScript()));
  expect(quick.Struct.deserializeBinary(new Uint8Array()).toJavaScript()).toEqual({});
});

test("names are in order, whatever order they come in", () => {
  const backwards = Uint8Array.from([...field("b"), ...field("a"), ...field("c")]);
  expect(Object.keys(quick.Struct.deserializeBinary(backwards).toJavaScript())).toEqual(["a", "b", "c"]);
});

test("a struct within a value", () => {
  const value = quick.Value.fromJavaScript({ list: [{ a: 1 }] });
  const bytes = value.serializeBinary();
  expect(generated.Value.deserializeBinary(bytes).toJavaScript()).toEqual({ list: [{ a: 1 }] });
  expect(quick.Value.deserializeBinary(bytes).toJavaScript()).toEqual({ list: [{ a: 1 }] });
});

test("makes messages for those who ask for them, and writes what they change", () => {
  const struct = quick.Struct.deserializeBinary(generated.Struct.fromJavaScript(values).serializeBinary());
  expect(struct.getFieldsMap().get("text")?.getStringValue()).toBe(values.text);
  expect(struct.getFieldsMap().get("object")?.getStructValue()?.toJavaScript()).toEqual(values.object);
  struct.getFieldsMap().set("number", quick.Value.fromJavaScript(2));
  struct.getFieldsMap().del("long");
  const changed: Partial<typeof values> = { ...values, number: 2 };
  delete changed.long;
  expect(struct.toJavaScript()).toEqual(changed);
  expect(generated.Struct.deserializeBinary(struct.serializeBinary()).toJavaScript()).toEqual(changed);
});

test("skips fields that it does not know, as the generated code does", () => {
  const unknown = [0x7a, 0x02, 0x68, 0x69];
  const bytes = Uint8Array.from([...field("a"), ...unknown]);
  expect(quick.Struct.deserializeBinary(bytes).toJavaScript()).toEqual({ a: 1 });
});

test("refuses what has no place in a message", () => {
  const struct = quick.Struct.fromJavaScript({ a: undefined } as unknown as Parameters<
    Messages["Struct"]["fromJavaScript"]
  >[0]);
  expect(() => struct.serializeBinary()).toThrow("a value of type undefined cannot be sent");
});
