/** Generates random values from the operating system's cryptographic generator. */
import { randomBytes, randomInt } from "node:crypto";

const digits = "0123456789";
const lowercase = "abcdefghijklmnopqrstuvwxyz";
const uppercase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const punctuation = "!@#$%&*()-_=+[]{}<>:?";

/** Constraints of a random string, with the official plugin's names. */
export interface StringRules {
  readonly length: number;
  readonly upper: boolean;
  readonly lower: boolean;
  readonly numeric: boolean;
  readonly special: boolean;
  readonly minUpper: number;
  readonly minLower: number;
  readonly minNumeric: number;
  readonly minSpecial: number;
  /** The special characters to use. Empty: the default set. */
  readonly overrideSpecial: string;
}

/**
 * A random string that satisfies the rules. As in the official plugin, a minimum applies even to a character class that
 * is disabled.
 * @throws Error if every character class is disabled
 */
export function randomString(rules: StringRules): string {
  const special = rules.overrideSpecial === "" ? punctuation : rules.overrideSpecial;
  const allowed = [
    rules.upper ? uppercase : "",
    rules.lower ? lowercase : "",
    rules.numeric ? digits : "",
    rules.special ? special : "",
  ].join("");
  if (allowed === "") throw new Error("the set of allowed characters is empty");
  const required = [
    ...pick(uppercase, rules.minUpper),
    ...pick(lowercase, rules.minLower),
    ...pick(digits, rules.minNumeric),
    ...pick(special, rules.minSpecial),
  ];
  return shuffled([...required, ...pick(allowed, rules.length - required.length)]).join("");
}

function pick(alphabet: string, count: number): string[] {
  const characters = [...alphabet];
  return Array.from({ length: count }, () => characters[randomInt(characters.length)] ?? "");
}

/** The items in a random order; all orders are equally likely. */
export function shuffled<T>(items: readonly T[]): T[] {
  const result: T[] = [];
  for (const item of items) {
    const index = randomInt(result.length + 1);
    result.splice(index, 0, item);
  }
  return result;
}

/** A random integer from min to max, both inclusive. */
export function randomInteger(min: number, max: number): number {
  const size = BigInt(max) - BigInt(min) + 1n;
  // Rejection sampling keeps the distribution uniform. randomInt is limited to ranges of 48 bits.
  const limit = (1n << 64n) - ((1n << 64n) % size);
  for (;;) {
    const value = randomBytes(8).readBigUInt64BE();
    if (value < limit) return Number((value % size) + BigInt(min));
  }
}

/** Formats sixteen bytes as a UUID. */
export function formatUuid(bytes: Buffer): string {
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** A version 7 UUID: 48 bits of Unix time in milliseconds, then random bits. */
export function uuid7(now: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return formatUuid(bytes);
}
