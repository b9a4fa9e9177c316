/** Measurements of the benchmark and how they are timed. */
import { attempt, type CommandOptions, failure } from "../e2e/command.ts";

/** A measured value and the limit that the project sets for it. */
export interface Measurement {
  readonly name: string;
  readonly measured: string;
  readonly limit: string;
  /** Up to 1 is within the limit. */
  readonly ratio: number;
  /** Exceeding the limit is an error. */
  readonly isRequired?: true;
}

/** Duration of a command in seconds. Throws with its output when it fails. */
export async function timed(command: string, args: readonly string[], options: CommandOptions = {}): Promise<number> {
  const start = performance.now();
  const result = await attempt(command, args, { timeout: 1800, ...options });
  if (result.code !== 0) throw new Error(failure(`${command} ${args.join(" ")}`, result));
  return (performance.now() - start) / 1000;
}

/**
 * Interleaves several measurements, so that a change of the machine's speed affects all of them.
 * @returns the median of each
 */
export async function inTurns<Name extends string>(
  rounds: number,
  measures: Readonly<Record<Name, () => Promise<number>>>,
): Promise<Record<Name, number>> {
  const all = Object.entries<() => Promise<number>>(measures).map(([name, measure]) => ({
    name,
    measure,
    values: [] as number[],
  }));
  for (let round = 0; round < rounds; round++) {
    for (const { measure, values } of all) values.push(await measure());
  }
  return Object.fromEntries(all.map(({ name, values }) => [name, median(values)])) as Record<Name, number>;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** A duration in seconds that must not exceed `limit`. */
export function seconds(name: string, value: number, limit: number): Measurement {
  return { name, measured: `${value.toFixed(1)} s`, limit: `${limit} s`, ratio: value / limit };
}

/** Several durations in seconds, none of which should exceed `limit`. */
export function distribution(name: string, values: readonly number[], limit: number): Measurement {
  const longest = Math.max(...values);
  return {
    name: `${name}, minimum, median and maximum`,
    measured: `${[Math.min(...values), median(values), longest].map((value) => value.toFixed(1)).join(" / ")} s`,
    limit: `${limit} s`,
    ratio: longest / limit,
  };
}

/** A duration in seconds that must not exceed `factor` times the baseline. */
export function timesAsLong(name: string, value: number, factor: number, baseline: number): Measurement {
  return {
    name,
    measured: `${value.toFixed(2)} s = ${(value / baseline).toFixed(2)} x`,
    limit: `${factor} x ${baseline.toFixed(2)} s`,
    ratio: value / (factor * baseline),
  };
}

/** A throughput that must reach `factor` times the baseline. */
export function throughput(name: string, value: number, factor: number, baseline: number, unit: string): Measurement {
  return {
    name,
    measured: `${value.toFixed(0)} ${unit} = ${(value / baseline).toFixed(2)} x`,
    limit: `${factor} x ${baseline.toFixed(0)} ${unit}`,
    ratio: (factor * baseline) / value,
  };
}

/** Cases of lost data: there must be none. */
export function noneOf(name: string, value: number, of: number): Measurement {
  return { name, measured: `${value} of ${of}`, limit: "0", ratio: value === 0 ? 0 : Infinity, isRequired: true };
}

export function table(measurements: readonly Measurement[]): string {
  const rows = [
    ["", "measured", "limit", "ratio"],
    ...measurements.map(({ name, measured, limit, ratio }) => [name, measured, limit, ratio.toFixed(2)]),
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
