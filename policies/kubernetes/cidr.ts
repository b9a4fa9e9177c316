/** Addresses from `first` to `last`, both included. */
interface Range {
  readonly first: bigint;
  readonly last: bigint;
}

export interface Cidr extends Range {
  readonly family: 4 | 6;
  readonly text: string;
}

export interface CidrBlock {
  readonly cidr: Cidr;
  readonly except: readonly Cidr[];
}

/**
 * Parses `10.0.0.0/8` or `fd00::/8` as leniently as the API server: it reads numbers with leading zeros as decimal and
 * ignores bits beyond the prefix. Undefined for any other text.
 */
export function parseCidr(text: string): Cidr | undefined {
  const [address = "", length = "", ...more] = text.split("/");
  const family = familyOf(address);
  const bits = family === 6 ? 128 : 32;
  const value = parseAddress(address);
  if (value === undefined || more.length > 0 || !/^\d+$/.test(length) || Number(length) > bits) return undefined;
  const size = 1n << BigInt(bits - Number(length));
  const first = (value / size) * size;
  return { family, text, first, last: first + size - 1n };
}

/** Parses `10.0.0.1` or `fd00::1`, equally leniently. */
export function parseAddress(text: string): bigint | undefined {
  return familyOf(text) === 6 ? parseIPv6(text) : parseIPv4(text);
}

export function familyOf(address: string): 4 | 6 {
  return address.includes(":") ? 6 : 4;
}

export function contains(outer: Cidr, inner: Cidr): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

/** Whether a block without its exceptions shares an address with one of the others. */
export function intersects(block: CidrBlock, others: readonly Cidr[]): boolean {
  return remaining(block).some(({ first, last }) =>
    others.some((other) => other.family === block.cidr.family && first <= other.last && other.first <= last),
  );
}

/** The fraction (0 to 1) of a family's addresses that the blocks cover together, without their exceptions. */
export function coverage(family: 4 | 6, blocks: readonly CidrBlock[]): number {
  const ranges = blocks
    .filter(({ cidr }) => cidr.family === family)
    .flatMap(remaining)
    .sort((a, b) => (a.first < b.first ? -1 : 1));
  let covered = 0n;
  let next = 0n;
  for (const { first, last } of ranges) {
    const from = first > next ? first : next;
    if (last >= from) covered += last - from + 1n;
    if (last >= next) next = last + 1n;
  }
  const all = 1n << (family === 6 ? 128n : 32n);
  return Number((covered * 1_000_000n) / all) / 1_000_000;
}

/** The address ranges left by the exceptions, in order. */
function remaining({ cidr, except }: CidrBlock): readonly Range[] {
  const exceptions = except.filter(({ family }) => family === cidr.family).sort((a, b) => (a.first < b.first ? -1 : 1));
  const left: Range[] = [];
  let next = cidr.first;
  for (const exception of exceptions) {
    if (exception.first > cidr.last) break;
    if (exception.first > next) left.push({ first: next, last: exception.first - 1n });
    if (exception.last >= next) next = exception.last + 1n;
  }
  if (next <= cidr.last) left.push({ first: next, last: cidr.last });
  return left;
}

function parseIPv4(address: string): bigint | undefined {
  const parts = address.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d+$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((value, part) => (value << 8n) + BigInt(Number(part)), 0n);
}

function parseIPv6(address: string): bigint | undefined {
  const [head = "", tail, ...more] = address.split("::");
  if (more.length > 0) return undefined;
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  if (left === undefined || right === undefined) return undefined;
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [...left, ...Array<bigint>(missing).fill(0n), ...right];
  return all.reduce((value, group) => (value << 16n) + group, 0n);
}

function groups(text: string): readonly bigint[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const mapped = parts.at(-1)?.includes(".") ? parseIPv4(parts.pop() ?? "") : 0n;
  if (mapped === undefined || !parts.every((part) => /^0*[0-9A-Fa-f]{1,4}$/.test(part))) return undefined;
  const values = parts.map((part) => BigInt(Number.parseInt(part, 16)));
  return text.includes(".") ? [...values, mapped >> 16n, mapped & 0xffffn] : values;
}
