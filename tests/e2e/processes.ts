import { readdirSync, readFileSync } from "node:fs";
import { get, type Named, type Pod } from "./kubernetes.ts";

/**
 * A process as this machine sees it. The cluster's processes run in nested pid namespaces, but are visible from
 * outside.
 */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Process ids from this machine's pid namespace to the innermost one. */
  readonly pids: readonly number[];
  readonly name: string;
  readonly cgroups: string;
}

/** All processes of the machine. */
export function processes(): Process[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        const status = readFileSync(`/proc/${entry}/status`, "utf8");
        const field = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1] ?? "";
        const cgroups = readFileSync(`/proc/${entry}/cgroup`, "utf8");
        return [
          {
            pid: Number(entry),
            parent: Number(field("PPid")),
            pids: field("NSpid").split(/\s+/).map(Number),
            name: field("Name"),
            cgroups,
          },
        ];
      } catch {
        // the process has ended meanwhile
        return [];
      }
    });
}

/** The first process of a container. */
export async function containerProcess(pod: Named, container: string): Promise<Process> {
  const { status } = await get<Pod>("pod", pod);
  const id = status.containerStatuses?.find(({ name }) => name === container)?.containerID?.replace(/^.*:\/\//, "");
  const own = processes().filter(({ cgroups }) => id !== undefined && cgroups.includes(id));
  // the one with the lowest id: 1, unless the pod shares one process namespace
  const [found] = own.sort((a, b) => (a.pids.at(-1) ?? 0) - (b.pids.at(-1) ?? 0));
  if (found === undefined) throw new Error(`container ${container} of pod ${pod.name} has no process`);
  return found;
}
