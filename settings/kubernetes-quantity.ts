/** Kubernetes quantities ("500m", "1Gi"): what they amount to, and the form in which the API server returns them. */

const binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const decimal: ReadonlyMap<string, number> = new Map([
  ["n", -9],
  ["u", -6],
  ["m", -3],
  ["", 0],
  ["k", 3],
  ["M", 6],
  ["G", 9],
  ["T", 12],
  ["P", 15],
  ["E", 18],
]);
const syntax = /^([+-]?)(\d+\.?\d*|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d{1,2})?$/;

/** `digits * 10^exponent` as an integer count of 10^-9, rounded up as the API server does. */
function toNanos(digits: bigint, exponent: number): bigint {
  if (exponent >= -9) return digits * 10n ** BigInt(exponent + 9);
  const divisor = 10n ** BigInt(-9 - exponent);
  return (digits + divisor - 1n) / divisor;
}

function formatDecimal(nanos: bigint, exponentForm: boolean): string {
  let exponent = -9;
  let digits = nanos;
  while (digits % 1000n === 0n && exponent < 18) {
    digits /= 1000n;
    exponent += 3;
  }
  if (exponentForm) return exponent === 0 ? String(digits) : `${digits}e${exponent}`;
  const suffix = [...decimal].find(([, power]) => power === exponent)?.[0] ?? "";
  return `${digits}${suffix}`;
}

function formatBinary(bytes: bigint): string {
  let digits = bytes;
  let power = 0;
  while (digits % 1024n === 0n && power < binary.length - 1) {
    digits /= 1024n;
    power++;
  }
  return `${digits}${binary[power]}`;
}

const exponentOf = (suffix: string): number => decimal.get(suffix) ?? Number(suffix.slice(1));

interface Parsed {
  readonly minus: "-" | "";
  /** Digits before and after the point. */
  readonly whole: string;
  readonly fraction: string;
  readonly suffix: string;
  /** The amount in 10^-9, without its sign. */
  readonly nanos: bigint;
}

function parse(quantity: string): Parsed | undefined {
  const [, sign, digits, suffix = ""] = syntax.exec(quantity) ?? [];
  if (digits === undefined) return undefined;
  const [whole = "", fraction = ""] = digits.split(".");
  const value = BigInt(whole + fraction);
  const power = binary.indexOf(suffix);
  const nanos =
    power > 0
      ? toNanos(value * 1024n ** BigInt(power), -fraction.length)
      : toNanos(value, exponentOf(suffix) - fraction.length);
  return { minus: sign === "-" ? "-" : "", whole, fraction, suffix, nanos };
}

/** The amount in 10^-9 (of a core or byte), rounded up to a whole number as the API server does; undefined when it is none. */
export function nanos(quantity: string): bigint | undefined {
  const parsed = parse(quantity);
  return parsed && (parsed.minus === "-" ? -parsed.nanos : parsed.nanos);
}

/** The canonical form of a quantity, or undefined when it is none. */
export function canonicalQuantity(quantity: string | number): string | undefined {
  const parsed = parse(String(quantity));
  if (parsed === undefined) return undefined;
  const { minus, whole, fraction, suffix, nanos } = parsed;
  if (nanos === 0n) return "0";

  if (binary.indexOf(suffix) > 0) {
    // Below 1024, and with a fraction left, the API server writes a binary quantity as a decimal one.
    if (nanos % 1_000_000_000n !== 0n) return minus + formatDecimal(nanos, false);
    return minus + formatBinary(nanos / 1_000_000_000n);
  }
  // What has a multiple of three decimal places and no trailing thousands is taken as canonical, and written as given.
  const shifted = whole.replace(/^0+/, "").padStart(1, "0") + fraction;
  const places = exponentOf(suffix) - fraction.length;
  if (places % 3 === 0 && places >= -9 && shifted.length <= 18 && !/^0|000$/.test(shifted)) return String(quantity);
  return minus + formatDecimal(nanos, /^[eE]./.test(suffix));
}
