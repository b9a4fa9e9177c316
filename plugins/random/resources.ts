/** The kinds of resource and their attributes, as `pulumi-resource-random` 4.21 has them. */
import { randomBytes, randomUUID } from "node:crypto";
import { number, text, type Fields, type Value } from "./values.ts";
import { formatUuid, randomInteger, randomString, shuffled, uuid7, type StringRules } from "./generate.ts";

/** An attribute that a program may set. A change of it replaces the resource; the exceptions are in `plan.ts`. */
export interface Attribute {
  readonly type: "boolean" | "integer" | "string" | "list" | "map";
  readonly required?: boolean;
  /** Its value where the program sets none. Without one it stays unset. */
  readonly default?: Value;
  /** Smallest value of an integer. */
  readonly least?: number;
}

/** The outputs of a resource that was created or imported, and its id. */
export interface Made {
  readonly id: string;
  readonly outputs: Fields;
}

/** A kind of resource. */
export interface Kind {
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** Outputs that the resource draws; they are unknown until it exists. */
  readonly computed: readonly string[];
  /** Outputs that the engine encrypts. */
  readonly secret: readonly string[];
  /** Version of the state's layout, which the official plugin keeps in `__meta`. @default 0, which is not written */
  readonly schemaVersion?: number;
  /** What is wrong with attributes that are right one by one. */
  readonly problems?: (attributes: Fields) => Problem[];
  /** Draws the computed outputs. `attributes` are complete: the defaults are filled in. */
  readonly create: (attributes: Fields) => Made | Promise<Made>;
  /** Makes the whole state from the id that `pulumi import` was given. */
  readonly adopt?: (id: string) => Made | Promise<Made>;
}

export interface Problem {
  readonly property: string;
  readonly reason: string;
}

const keepers: Attribute = { type: "map" };
const flag: Attribute = { type: "boolean", default: true };
const minimum: Attribute = { type: "integer", default: 0, least: 0 };

const stringAttributes: Readonly<Record<string, Attribute>> = {
  keepers,
  length: { type: "integer", required: true, least: 1 },
  lower: flag,
  minLower: minimum,
  minNumeric: minimum,
  minSpecial: minimum,
  minUpper: minimum,
  number: flag,
  numeric: flag,
  overrideSpecial: { type: "string" },
  special: flag,
  upper: flag,
};

function stringProblems(attributes: Fields): Problem[] {
  const problems: Problem[] = [];
  const least = ["minUpper", "minLower", "minNumeric", "minSpecial"];
  const sum = least.reduce((total, name) => total + (number(attributes, name) ?? 0), 0);
  const length = number(attributes, "length");
  if (length !== undefined && length < sum) {
    problems.push({ property: "length", reason: `is ${length}, less than the sum of ${least.join(", ")}, ${sum}` });
  }
  if (["special", "upper", "lower", "numeric"].every((name) => attributes[name] === false)) {
    problems.push({ property: "numeric", reason: "at least one of special, upper, lower, numeric must be true" });
  }
  return problems;
}

function draw(attributes: Fields): string {
  // Every rule but overrideSpecial has a default, so that it is there by now.
  return randomString({
    ...attributes,
    overrideSpecial: text(attributes, "overrideSpecial"),
  } as unknown as StringRules);
}

function adoptedString(value: string): Fields {
  const defaults = Object.entries(stringAttributes).flatMap(([name, { default: value }]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { ...Object.fromEntries(defaults), length: Buffer.byteLength(value), result: value };
}

async function withHash(outputs: Fields): Promise<Made> {
  // The prefix of the official plugin's hashes. Both name the same algorithm, which reads the first 72 bytes.
  const { default: bcrypt } = await import("bcryptjs");
  const salt = (await bcrypt.genSalt(10)).replace("$2b$", "$2a$");
  const bcryptHash = await bcrypt.hash(text(outputs, "result"), salt);
  return { id: "none", outputs: { ...outputs, bcryptHash, id: "none" } };
}

function identified(id: string, outputs: Fields): Made {
  return { id, outputs: { ...outputs, id } };
}

function bytesOutputs(bytes: Buffer): Made {
  const base64 = bytes.toString("base64");
  return { id: base64, outputs: { length: bytes.length, base64, hex: bytes.toString("hex") } };
}

function idOutputs(bytes: Buffer, prefix: string): Made {
  const id = bytes.toString("base64url");
  const decimal = BigInt(`0x0${bytes.toString("hex")}`).toString();
  return identified(id, {
    byteLength: bytes.length,
    b64Std: prefix + bytes.toString("base64"),
    b64Url: prefix + id,
    dec: prefix + decimal,
    hex: prefix + bytes.toString("hex"),
    ...(prefix === "" ? {} : { prefix }),
  });
}

function uuidKind(generate: () => string): Kind {
  return {
    attributes: { keepers },
    computed: ["result"],
    secret: [],
    create: () => {
      const result = generate();
      return identified(result, { result });
    },
    adopt: (id) => {
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) throw new Error(`"${id}" is not a UUID`);
      return identified(id.toLowerCase(), { result: id.toLowerCase() });
    },
  };
}

function unseeded(attributes: Fields): Problem[] {
  const reason =
    "is not supported by this project's substitute for pulumi-resource-random: leave it out, or install the official plugin";
  return text(attributes, "seed") === "" ? [] : [{ property: "seed", reason }];
}

/** Every supported kind by its type token. */
export const kinds: Readonly<Record<string, Kind>> = {
  "random:index/randomPassword:RandomPassword": {
    attributes: stringAttributes,
    computed: ["bcryptHash", "result"],
    secret: ["bcryptHash", "result"],
    schemaVersion: 3,
    problems: stringProblems,
    create: (attributes) => withHash({ result: draw(attributes) }),
    adopt: (id) => withHash(adoptedString(id)),
  },
  "random:index/randomString:RandomString": {
    attributes: stringAttributes,
    computed: ["result"],
    secret: [],
    schemaVersion: 2,
    problems: stringProblems,
    create: (attributes) => {
      const result = draw(attributes);
      return identified(result, { result });
    },
    adopt: (id) => identified(id, adoptedString(id)),
  },
  "random:index/randomBytes:RandomBytes": {
    attributes: { keepers, length: { type: "integer", required: true, least: 1 } },
    computed: ["base64", "hex"],
    secret: ["base64", "hex"],
    create: (attributes) => bytesOutputs(randomBytes(number(attributes, "length") ?? 0)),
    adopt: (id) => bytesOutputs(Buffer.from(id, "base64")),
  },
  "random:index/randomId:RandomId": {
    attributes: { keepers, byteLength: { type: "integer", required: true, least: 0 }, prefix: { type: "string" } },
    computed: ["b64Std", "b64Url", "dec", "hex"],
    secret: [],
    create: (attributes) => idOutputs(randomBytes(number(attributes, "byteLength") ?? 0), text(attributes, "prefix")),
    adopt: (id) => {
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
      return identified(String(result), { result });
    },
    adopt: (id) => {
      const [result, min, max, ...rest] = id.split(",").map(Number);
      if (rest.length > 0 || ![result, min, max].every(Number.isSafeInteger)) {
        throw new Error(`"${id}" is not of the form RESULT,MIN,MAX`);
      }
      return identified(String(result), { result: result ?? 0, min: min ?? 0, max: max ?? 0 });
    },
  },
  "random:index/randomShuffle:RandomShuffle": {
    attributes: {
      keepers,
      inputs: { type: "list", required: true },
      resultCount: { type: "integer", least: 0 },
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
      return identified("-", { results });
    },
  },
  "random:index/randomUuid:RandomUuid": uuidKind(() => formatUuid(randomBytes(16))),
  "random:index/randomUuid4:RandomUuid4": uuidKind(randomUUID),
  "random:index/randomUuid7:RandomUuid7": uuidKind(uuid7),
};
