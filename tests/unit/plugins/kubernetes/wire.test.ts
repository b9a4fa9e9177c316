import { Secret, unknown } from "../../../../plugins/kubernetes/values.ts";
import { fromStruct, toStruct } from "../../../../plugins/kubernetes/wire.ts";
import structpb from "google-protobuf/google/protobuf/struct_pb.js";

test("properties survive the way to the engine and back", () => {
  const properties = { a: 1, b: [true, null, "x"], c: { d: new Secret({ e: "f" }) }, g: unknown, h: "" };
  expect(fromStruct(toStruct(properties))).toEqual(properties);
});

test("no Struct is no properties", () => {
  expect(fromStruct(undefined)).toEqual({});
});

test("an asset is refused", () => {
  const asset = { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", text: "x" };
  expect(() => fromStruct(structpb.Struct.fromJavaScript({ data: asset }))).toThrow(/assets, archives/);
});
