const syntax = /^\+?(\d+\.?\d*|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d{1,2})?$/;
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
const nanosInOne = 1_000_000_000n;

/** `digits * 10^exponent` in units of 10^-9, rounded up like in the API server. */
function toNanos(digits: bigint, exponent: number): bigint {
  if (exponent >= -9) return digits * 10n ** BigInt(exponent + 9);
  const divisor = 10n ** BigInt(-9 - exponent);
  return (digits + divisor - 1n) / divisor;
}

/** The value of a Kubernetes quantity, in cores or bytes; undefined if it is invalid or negative. */
export function parseQuantity(quantity: string): number | undefined {
  const [, digits, suffix = ""] = syntax.exec(quantity) ?? [];
  if (digits === undefined) return undefined;
  const [whole = "", fraction = ""] = digits.split(".");
  const power = Math.max(binary.indexOf(suffix), 0);
  const exponent = power > 0 ? 0 : (decimal.get(suffix) ?? Number(suffix.slice(1)));
  const nanos = toNanos(BigInt(whole + fraction) * 1024n ** BigInt(power), exponent - fraction.length);
  // Converted separately to keep whole numbers exact.
  return Number(nanos / nanosInOne) + Number(nanos % nanosInOne) / Number(nanosInOne);
}

const postgresqlUnits: Readonly<Record<string, number>> = { kB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

/** The bytes of a size in PostgreSQL format, such as `512MB`; undefined if it is invalid. */
export function bytes(size: string): number | undefined {
  const match = /^(\d+)(kB|MB|GB|TB)$/.exec(size);
  const factor = postgresqlUnits[match?.[2] ?? "-"];
  return match?.[1] === undefined || factor === undefined ? undefined : Number(match[1]) * factor;
}

const redisUnits: Readonly<Record<string, number>> = { kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30 };

/** The bytes of a size in Redis format, such as `256mb`; undefined if it is invalid. */
export function redisBytes(size: string): number | undefined {
  const match = /^(\d+)(kb|mb|gb)$/.exec(size);
  const factor = redisUnits[match?.[2] ?? "-"];
  return match?.[1] === undefined || factor === undefined ? undefined : Number(match[1]) * factor;
}
