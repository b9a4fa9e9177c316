import { readdirSync, readFileSync } from "node:fs";
import type { Measurement } from "./measure.ts";

const gibibyte = 2 ** 30;
const limit = 1.5 * gibibyte;

/** Memory of the cluster's processes outside of pods; Pss counts shared memory once. */
export function memory(id: string): Measurement[] {
  const own = readdirSync("/proc").filter((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    const cgroups = read(`/proc/${entry}/cgroup`);
    return cgroups.includes(id) && !cgroups.includes("/kubepods");
  });
  const sum = (file: string, field: string): number =>
    own.reduce(
      (total, pid) =>
        total + 1024 * Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(read(`/proc/${pid}/${file}`))?.[1] ?? 0),
      0,
    );
  const line = (name: string, bytes: number): Measurement => ({
    name,
    measured: `${(bytes / gibibyte).toFixed(2)} GiB`,
    limit: `${(limit / gibibyte).toFixed(2)} GiB`,
    ratio: bytes / limit,
  });
  return [
    line(`memory of ${own.length} idle processes (resident)`, sum("status", "VmRSS")),
    line("the same, with shared memory counted once", sum("smaps_rollup", "Pss")),
    line("the same, sum of all processes' peaks", sum("status", "VmHWM")),
  ];
}

/** Content of a process's file in /proc; empty when the process has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
