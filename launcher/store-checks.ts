import type { Connection } from "../components/contract/connection.ts";
import type { Kubectl } from "./connect/kubectl.ts";
import { run } from "./programs.ts";

const TIMEOUT_MS = 30_000;

/** What a store's own check finds wrong; empty if it has no check, or all is well. */
export async function problemsOf({ program, cluster, env }: Kubectl, connection: Connection): Promise<string[]> {
  const { namespace, check } = connection;
  if (check === undefined) return [];
  const place = ["--namespace", namespace, check.pod, "--container", check.container];
  const { code, stdout, stderr } = await run({
    argv: [program, ...cluster, "exec", "--quiet", ...place, "--", ...check.command],
    env,
    timeoutMs: TIMEOUT_MS,
  });
  if (code === 0) return [];
  const problems = nonEmptyLines(stdout);
  if (problems.length > 0) return problems;
  return [`its check failed: ${nonEmptyLines(stderr).at(-1) ?? `no answer in ${String(TIMEOUT_MS / 1000)} s`}`];
}

const nonEmptyLines = (text: string): string[] => text.split("\n").filter((line) => line.trim() !== "");
