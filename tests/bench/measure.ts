/** What the benchmark finds, and how it takes times. */
import { attempt, type CommandOptions, failure } from "../e2e/command.ts";

/** A number beside the limit that the project sets itself. */
export interface Measurement {
  readonly what: string;
  readonly found: string;
  readonly limit: string;
  /** Found by limit: up to 1 is good. */
  readonly ratio: number;
}

/** Seconds that a command takes; throws with its output when it fails. */
export async function timed(command: string, args: readonly string[], options: CommandOptions = {}): Promise<number> {
  const begun = performance.now();
  const result = await attempt(command, args, { timeout: 1800, ...options });
  if (result.code !== 0) throw new Error(failure(`${command} ${args.join(" ")}`, result));
  return (performance.now() - begun) / 1000;
}

/**
 * Measures several things in turns, so that a machine whose speed drifts treats them alike.
 * @returns the median of each
 */
export async function inTurns<Name extends string>(
  rounds: number,
  measures: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Record<Name, number>> {
  const all = Object.entries<() => Promise<number>>(measures).map(([name, measure]) => ({
    name,
    measure,
    found: [] as number[],
  }));
  for (let round = 0; round < rounds; round++) {
    for (const { measure, found } of all) found.push(await measure());
  }
  return Object.fromEntries(all.map(({ name, found }) => [name, median(found)])) as Record<Name, number>;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** A time that has to stay below a number of seconds. */
export function seconds(what: string, found: number, limit: number): Measurement {
  return { what, found: `${found.toFixed(1)} s`, limit: `${limit} s`, ratio: found / limit };
}

/** A time that may be `factor` times another one. */
export function timesAsLong(what: string, found: number, factor: number, other: number): Measurement {
  return {
    what,
    found: `${found.toFixed(2)} s = ${(found / other).toFixed(2)} x`,
    limit: `${factor} x ${other.toFixed(2)} s`,
    ratio: found / (factor * other),
  };
}

/** A throughput that has to reach `factor` times another one. */
export function throughput(what: string, found: number, factor: number, other: number, unit: string): Measurement {
  return {
    what,
    found: `${found.toFixed(0)} ${unit} = ${(found / other).toFixed(2)} x`,
    limit: `${factor} x ${other.toFixed(0)} ${unit}`,
    ratio: (factor * other) / found,
  };
}

export function table(measured: readonly Measurement[]): string {
  const rows = [
    ["", "found", "limit", "ratio"],
    ...measured.map(({ what, found, limit, ratio }) => [what, found, limit, ratio.toFixed(2)]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  "),
    )
    .join("\n");
}
