/** Addresses from `first` to `last`, both included. */
interface Range {
  readonly first: bigint;
  readonly last: bigint;
}

export interface Cidr extends Range {
  readonly family: 4 | 6;
  readonly text: string;
}

/** Reads `10.0.0.0/8` or `fd00::/8`; undefined when it is neither. */
export function parseCidr(text: string): Cidr | undefined {
  const [, address = "", length = ""] = /^([0-9A-Fa-f:.]+)\/(\d{1,3})$/.exec(text) ?? [];
  const family = address.includes(":") ? 6 : 4;
  const bits = family === 6 ? 128 : 32;
  const value = family === 6 ? parseIPv6(address) : parseIPv4(address);
  if (value === undefined || length === "" || Number(length) > bits) return undefined;
  const size = 1n << BigInt(bits - Number(length));
  const first = (value / size) * size;
  return { family, text, first, last: first + size - 1n };
}

export function contains(outer: Cidr, inner: Cidr): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

/** The part of a family's addresses that blocks cover together, their exceptions taken out: 0 to 1. */
export function coverage(
  family: 4 | 6,
  blocks: readonly { readonly cidr: Cidr; readonly except: readonly Cidr[] }[],
): number {
  const ranges = blocks
    .filter(({ cidr }) => cidr.family === family)
    .flatMap(({ cidr, except }) =>
      except.reduce<readonly Range[]>((left, hole) => left.flatMap((range) => minus(range, hole)), [cidr]),
    )
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

function minus(range: Range, hole: Range): readonly Range[] {
  if (hole.last < range.first || hole.first > range.last) return [range];
  return [
    ...(hole.first > range.first ? [{ first: range.first, last: hole.first - 1n }] : []),
    ...(hole.last < range.last ? [{ first: hole.last + 1n, last: range.last }] : []),
  ];
}

function parseIPv4(address: string): bigint | undefined {
  const parts = address.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.reduce((value, part) => (value << 8n) + BigInt(part), 0n);
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
  if (mapped === undefined || !parts.every((part) => /^[0-9A-Fa-f]{1,4}$/.test(part))) return undefined;
  const values = parts.map((part) => BigInt(`0x${part}`));
  return text.includes(".") ? [...values, mapped >> 16n, mapped & 0xffffn] : values;
}
