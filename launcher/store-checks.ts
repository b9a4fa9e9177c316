import type { Check, Connection } from "../components/contract/connection.ts";
import type { Kubectl } from "./connect/kubectl.ts";
import { run } from "./programs.ts";

const TIMEOUT_MS = 30_000;

/** What a store's own checks find wrong; empty if it has none, or all is well. */
export async function problemsOf(kubectl: Kubectl, { namespace, check = [] }: Connection): Promise<string[]> {
  const problems = await Promise.all([check].flat().map((one) => problemsIn(kubectl, { namespace, ...one })));
  return problems.flat();
}

async function problemsIn(
  { program, cluster, env }: Kubectl,
  { namespace, pod, container, command }: Check & Pick<Connection, "namespace">,
): Promise<string[]> {
  const { code, stdout, stderr } = await run({
    argv: [
      program,
      ...cluster,
      "exec",
      "--quiet",
      "--namespace",
      namespace,
      pod,
      "--container",
      container,
      "--",
      ...command,
    ],
    env,
    timeoutMs: TIMEOUT_MS,
  });
  if (code === 0) return [];
  const problems = nonEmptyLines(stdout);
  if (problems.length > 0) return problems;
  // kubectl's own last line only repeats the exit code.
  const errors = nonEmptyLines(stderr).filter((line) => !line.startsWith("command terminated with exit code"));
  return [`its check failed: ${errors.at(-1) ?? `no answer in ${String(TIMEOUT_MS / 1000)} s`}`];
}

const nonEmptyLines = (text: string): string[] => text.split("\n").filter((line) => line.trim() !== "");
