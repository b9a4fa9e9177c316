import { createRequire } from "node:module";

interface Struct {
  toJavaScript(): Record<string, unknown>;
}

// The policy SDK decodes a resource anew for each policy that looks at it, which in a pack of many policies takes longer
// than all their judging. It only reads what it decodes, so that one decoding serves them all.
const policySdk = createRequire(require.resolve("@pulumi/policy/package.json"));
const pulumiSdk = createRequire(policySdk.resolve("@pulumi/pulumi/package.json"));
const { Struct } = pulumiSdk("google-protobuf/google/protobuf/struct_pb.js") as { Struct: { prototype: Struct } };

// eslint-disable-next-line @typescript-eslint/unbound-method -- called below on the struct that it is asked of
const decode = Struct.prototype.toJavaScript;
const decoded = new WeakMap<Struct, Record<string, unknown>>();
let isNested = false;

Struct.prototype.toJavaScript = function (this: Struct) {
  if (isNested) return decode.call(this);
  const known = decoded.get(this);
  if (known !== undefined) return known;
  isNested = true;
  try {
    const value = decode.call(this);
    decoded.set(this, value);
    return value;
  } finally {
    isNested = false;
  }
};
