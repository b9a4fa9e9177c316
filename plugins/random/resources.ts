/** The resource types and their attributes, as in `pulumi-resource-random` 4.21. */
import { randomBytes, randomUUID } from "node:crypto";
import { number, text, type Fields, type Value } from "./values.ts";
import { formatUuid, randomInteger, randomString, shuffled, uuid7, type StringRules } from "./generate.ts";

/** An input property. A change replaces the resource; `plan.ts` has the exceptions. */
export interface Attribute {
  readonly type: "boolean" | "integer" | "string" | "list" | "map";
  readonly required?: boolean;
  /** Value if the program sets none. @default unset */
  readonly default?: Value;
  /** Smallest allowed value of an integer. */
  readonly minimum?: number;
}

/** The id and outputs of a created or imported resource. */
export interface CreatedResource {
  readonly id: string;
  readonly outputs: Fields;
}

export interface ResourceType {
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** Generated outputs, unknown until the resource exists. */
  readonly computed: readonly string[];
  /** Outputs that the engine encrypts. */
  readonly secret: readonly string[];
  /** Schema version of the state, which the official plugin stores in `__meta`. @default 0, which is not stored */
  readonly schemaVersion?: number;
  /** Validates combinations of attributes that are valid one by one. */
  readonly problems?: (attributes: Fields) => Problem[];
  /** Generates the computed outputs. `attributes` include the defaults. */
  readonly create: (attributes: Fields) => CreatedResource | Promise<CreatedResource>;
  /** Reconstructs the state from the id given to `pulumi import`. */
  readonly importById?: (id: string) => CreatedResource | Promise<CreatedResource>;
}

export interface Problem {
  readonly property: string;
  readonly reason: string;
}

const keepers: Attribute = { type: "map" };
const flag: Attribute = { type: "boolean", default: true };
const minimumCount: Attribute = { type: "integer", default: 0, minimum: 0 };

const stringAttributes: Readonly<Record<string, Attribute>> = {
  keepers,
  length: { type: "integer", required: true, minimum: 1 },
  lower: flag,
  minLower: minimumCount,
  minNumeric: minimumCount,
  minSpecial: minimumCount,
  minUpper: minimumCount,
  number: flag,
  numeric: flag,
  overrideSpecial: { type: "string" },
  special: flag,
  upper: flag,
};

function stringProblems(attributes: Fields): Problem[] {
  const problems: Problem[] = [];
  const minimums = ["minUpper", "minLower", "minNumeric", "minSpecial"];
  const sum = minimums.reduce((total, name) => total + (number(attributes, name) ?? 0), 0);
  const length = number(attributes, "length");
  if (length !== undefined && length < sum) {
    problems.push({ property: "length", reason: `is ${length}, less than ${sum}, the sum of ${minimums.join(", ")}` });
  }
  if (["special", "upper", "lower", "numeric"].every((name) => attributes[name] === false)) {
    problems.push({ property: "numeric", reason: "and special, upper, lower are all false: set one of them to true" });
  }
  return problems;
}

function generateString(attributes: Fields): string {
  // Every rule except overrideSpecial has a default, so it is set here.
  return randomString({
    ...attributes,
    overrideSpecial: text(attributes, "overrideSpecial"),
  } as unknown as StringRules);
}

function importedString(value: string): Fields {
  const defaults = Object.entries(stringAttributes).flatMap(([name, { default: value }]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { ...Object.fromEntries(defaults), length: Buffer.byteLength(value), result: value };
}

async function withHash(outputs: Fields): Promise<CreatedResource> {
  // The official plugin's hashes have prefix $2a$. Both prefixes name the same algorithm, which reads 72 bytes at most.
  const { default: bcrypt } = await import("bcryptjs");
  const salt = (await bcrypt.genSalt(10)).replace("$2b$", "$2a$");
  const bcryptHash = await bcrypt.hash(text(outputs, "result"), salt);
  return { id: "none", outputs: { ...outputs, bcryptHash, id: "none" } };
}

function withId(id: string, outputs: Fields): CreatedResource {
  return { id, outputs: { ...outputs, id } };
}

function bytesOutputs(bytes: Buffer): CreatedResource {
  const base64 = bytes.toString("base64");
  return { id: base64, outputs: { length: bytes.length, base64, hex: bytes.toString("hex") } };
}

function idOutputs(bytes: Buffer, prefix: string): CreatedResource {
  const id = bytes.toString("base64url");
  const decimal = BigInt(`0x0${bytes.toString("hex")}`).toString();
  return withId(id, {
    byteLength: bytes.length,
    b64Std: prefix + bytes.toString("base64"),
    b64Url: prefix + id,
    dec: prefix + decimal,
    hex: prefix + bytes.toString("hex"),
    ...(prefix === "" ? {} : { prefix }),
  });
}

function uuidType(generate: () => string): ResourceType {
  return {
    attributes: { keepers },
    computed: ["result"],
    secret: [],
    create: () => {
      const result = generate();
      return withId(result, { result });
    },
    importById: (id) => {
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) throw new Error(`"${id}" is not a UUID`);
      return withId(id.toLowerCase(), { result: id.toLowerCase() });
    },
  };
}

function unseeded(attributes: Fields): Problem[] {
  const reason =
    "is not supported by the substitute for pulumi-resource-random: remove it or install the official plugin";
  return text(attributes, "seed") === "" ? [] : [{ property: "seed", reason }];
}

/** The supported resource types by type token. */
export const resourceTypes: Readonly<Record<string, ResourceType>> = {
  "random:index/randomPassword:RandomPassword": {
    attributes: stringAttributes,
    computed: ["bcryptHash", "result"],
    secret: ["bcryptHash", "result"],
    schemaVersion: 3,
    problems: stringProblems,
    create: (attributes) => withHash({ result: generateString(attributes) }),
    importById: (id) => withHash(importedString(id)),
  },
  "random:index/randomString:RandomString": {
    attributes: stringAttributes,
    computed: ["result"],
    secret: [],
    schemaVersion: 2,
    problems: stringProblems,
    create: (attributes) => {
      const result = generateString(attributes);
      return withId(result, { result });
    },
    importById: (id) => withId(id, importedString(id)),
  },
  "random:index/randomBytes:RandomBytes": {
    attributes: { keepers, length: { type: "integer", required: true, minimum: 1 } },
    computed: ["base64", "hex"],
    secret: ["base64", "hex"],
    create: (attributes) => bytesOutputs(randomBytes(number(attributes, "length") ?? 0)),
    importById: (id) => bytesOutputs(Buffer.from(id, "base64")),
  },
  "random:index/randomId:RandomId": {
    attributes: { keepers, byteLength: { type: "integer", required: true, minimum: 0 }, prefix: { type: "string" } },
    computed: ["b64Std", "b64Url", "dec", "hex"],
    secret: [],
    create: (attributes) => idOutputs(randomBytes(number(attributes, "byteLength") ?? 0), text(attributes, "prefix")),
    importById: (id) => {
      const separator = id.lastIndexOf(",");
      return idOutputs(Buffer.from(id.slice(separator + 1), "base64url"), id.slice(0, Math.max(separator, 0)));
    },
  },
  "random:index/randomInteger:RandomInteger": {
    attributes: {
      keepers,
      min: { type: "integer", required: true },
      max: { type: "integer", required: true },
      seed: { type: "string" },
    },
    computed: ["result"],
    secret: [],
    problems: (attributes) => {
      const [min, max] = [number(attributes, "min"), number(attributes, "max")];
      const inverted = min !== undefined && max !== undefined && max < min;
      const reason = `must not be greater than max (${max})`;
      return [...unseeded(attributes), ...(inverted ? [{ property: "min", reason }] : [])];
    },
    create: (attributes) => {
      const result = randomInteger(number(attributes, "min") ?? 0, number(attributes, "max") ?? 0);
      return withId(String(result), { result });
    },
    importById: (id) => {
      const [result, min, max, ...rest] = id.split(",").map(Number);
      if (rest.length > 0 || ![result, min, max].every(Number.isSafeInteger)) {
        throw new Error(`"${id}" is not of the form RESULT,MIN,MAX`);
      }
      return withId(String(result), { result: result ?? 0, min: min ?? 0, max: max ?? 0 });
    },
  },
  "random:index/randomShuffle:RandomShuffle": {
    attributes: {
      keepers,
      inputs: { type: "list", required: true },
      resultCount: { type: "integer", minimum: 0 },
      seed: { type: "string" },
    },
    computed: ["results"],
    secret: [],
    problems: unseeded,
    create: (attributes) => {
      const inputs = attributes["inputs"] as Value[];
      const count = inputs.length === 0 ? 0 : (number(attributes, "resultCount") ?? inputs.length);
      const results: Value[] = [];
      while (results.length < count) results.push(...shuffled(inputs).slice(0, count - results.length));
      return withId("-", { results });
    },
  },
  "random:index/randomUuid:RandomUuid": uuidType(() => formatUuid(randomBytes(16))),
  "random:index/randomUuid4:RandomUuid4": uuidType(randomUUID),
  "random:index/randomUuid7:RandomUuid7": uuidType(uuid7),
};
