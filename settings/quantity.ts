const suffixes: Readonly<Record<string, number>> = {
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** The amount a Kubernetes quantity stands for, in cores or bytes; undefined if it is none. */
export function parseQuantity(quantity: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(quantity);
  const factor = suffixes[match?.[2] ?? "-"];
  return match?.[1] === undefined || factor === undefined ? undefined : Number(match[1]) * factor;
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
