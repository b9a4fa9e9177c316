import { nanos } from "./kubernetes-quantity.ts";

const nanosInOne = 1_000_000_000n;

/** The amount a Kubernetes quantity stands for, in cores or bytes; undefined if it is none, or less than nothing. */
export function parseQuantity(quantity: string): number | undefined {
  const amount = nanos(quantity);
  if (amount === undefined || amount < 0n) return undefined;
  // apart, for whole numbers to stay exact
  return Number(amount / nanosInOne) + Number(amount % nanosInOne) / Number(nanosInOne);
}

const postgresqlUnits: Readonly<Record<string, number>> = { kB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

/** The bytes in a size as PostgreSQL writes it, such as `512MB`; undefined if it is none. */
export function bytes(size: string): number | undefined {
  const match = /^(\d+)(kB|MB|GB|TB)$/.exec(size);
  const factor = postgresqlUnits[match?.[2] ?? "-"];
  return match?.[1] === undefined || factor === undefined ? undefined : Number(match[1]) * factor;
}

const redisUnits: Readonly<Record<string, number>> = { kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30 };

/** The bytes in a size as Redis writes it, such as `256mb`; undefined if it is none. */
export function redisBytes(size: string): number | undefined {
  const match = /^(\d+)(kb|mb|gb)$/.exec(size);
  const factor = redisUnits[match?.[2] ?? "-"];
  return match?.[1] === undefined || factor === undefined ? undefined : Number(match[1]) * factor;
}
