/** What is drawn at random. Everything comes from the operating system's cryptographic generator. */
import { randomBytes, randomInt } from "node:crypto";

const digits = "0123456789";
const lowercase = "abcdefghijklmnopqrstuvwxyz";
const uppercase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const punctuation = "!@#$%&*()-_=+[]{}<>:?";

/** The rules a random string keeps to. */
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
  /** The special characters to choose from. Empty: the default ones. */
  readonly overrideSpecial: string;
}

/**
 * A string that keeps to the rules. A minimum is met even for a kind of character that is switched off, as in the
 * official plugin.
 * @throws Error when no kind of character is switched on
 */
export function randomString(rules: StringRules): string {
  const special = rules.overrideSpecial === "" ? punctuation : rules.overrideSpecial;
  const allowed = [
    rules.upper ? uppercase : "",
    rules.lower ? lowercase : "",
    rules.numeric ? digits : "",
    rules.special ? special : "",
  ].join("");
  if (allowed === "") throw new Error("the set of characters to choose from is empty");
  const required = [
    ...draw(uppercase, rules.minUpper),
    ...draw(lowercase, rules.minLower),
    ...draw(digits, rules.minNumeric),
    ...draw(special, rules.minSpecial),
  ];
  return shuffled([...required, ...draw(allowed, rules.length - required.length)]).join("");
}

function draw(alphabet: string, count: number): string[] {
  const characters = [...alphabet];
  return Array.from({ length: count }, () => characters[randomInt(characters.length)] ?? "");
}

/** The items in a random order, each order as likely as any other. */
export function shuffled<T>(items: readonly T[]): T[] {
  const result: T[] = [];
  for (const item of items) {
    const place = randomInt(result.length + 1);
    result.splice(place, 0, item);
  }
  return result;
}

/** A whole number of the range, both ends included. */
export function randomInteger(min: number, max: number): number {
  const size = BigInt(max) - BigInt(min) + 1n;
  // Rejection keeps the choice uniform where the range is no power of two; randomInt ends at 48 bits.
  const limit = (1n << 64n) - ((1n << 64n) % size);
  for (;;) {
    const value = randomBytes(8).readBigUInt64BE();
    if (value < limit) return Number((value % size) + BigInt(min));
  }
}

/** Sixteen bytes in the notation of a UUID. */
export function formatUuid(bytes: Buffer): string {
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** A UUID of version 7: 48 bits of milliseconds since 1970, then random bits. */
export function uuid7(now: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return formatUuid(bytes);
}
