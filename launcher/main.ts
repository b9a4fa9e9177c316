/** The project's commands. `bootstrap.mjs` runs this on Node 22. */
import { existsSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { backupsCommand } from "./commands/backups.ts";
import { connectCommand } from "./commands/connect.ts";
import { downCommand } from "./commands/down.ts";
import { kubectlCommand, pulumiCommand } from "./commands/passthrough.ts";
import { restoreCommand } from "./commands/restore.ts";
import { startCommand } from "./commands/start.ts";
import { statusCommand } from "./commands/status.ts";
import { help } from "./help.ts";
import { Interrupted } from "./interrupts.ts";
import { wasShown } from "./report.ts";
import { targetOf, type Target } from "./target.ts";
import { UsageError } from "./usage-error.ts";
import { checkout } from "./versions.ts";

interface Options {
  readonly help: boolean;
  readonly target: Target;
  /** Arguments for another program. */
  readonly rest: readonly string[];
}

const options = {
  context: { type: "string" },
  stack: { type: "string" },
  state: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** Parses a command's arguments. In a passthrough command, the launcher's options end at the first other argument. */
function parseArguments(command: string, args: readonly string[], isPassthrough: boolean): Options {
  const end = isPassthrough ? ownArgumentCount(args) : args.length;
  const own = args.slice(0, end).filter((word, index) => !(isPassthrough && word === "--" && index === end - 1));
  try {
    const { values } = parseArgs({ args: own, options });
    return { help: values.help ?? false, target: targetOf(values), rest: args.slice(end) };
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\nSee: npm run ${command} -- --help`);
  }
}

function ownArgumentCount(args: readonly string[]): number {
  let index = 0;
  for (;;) {
    const word = args[index] ?? "";
    if (word === "--") return index + 1;
    if (["--context", "--stack", "--state"].includes(word)) index += 2;
    else if (/^--(context|stack|state)=/.test(word) || word === "--help" || word === "-h") index += 1;
    else return Math.min(index, args.length);
  }
}

function requireEmbedded(command: string, target: Target): Target {
  if (target.context === undefined) return target;
  throw new UsageError(
    `npm run ${command} works on the embedded cluster only. For a context of your kubeconfig, use: ` +
      `kubectl --context ${target.context}, or npm run pulumi -- --context ${target.context} -- destroy`,
  );
}

const commands: Readonly<Record<string, (target: Target, rest: readonly string[]) => Promise<number>>> = {
  start: startCommand,
  status: (target) => statusCommand(requireEmbedded("status", target)),
  down: (target) => downCommand(requireEmbedded("down", target).name),
  kubectl: (target, rest) => kubectlCommand(requireEmbedded("kubectl", target), rest),
  pulumi: pulumiCommand,
  connect: connectCommand,
  backups: backupsCommand,
  restore: restoreCommand,
};

/** Commands that pass the arguments after the target options to another program. */
const passthroughCommands = ["kubectl", "pulumi", "connect", "backups", "restore"];

/** Commands that parse their arguments themselves. */
const programs: Readonly<Record<string, string>> = {
  test: "tests/run.ts",
  bench: "tests/bench/run.ts",
  validate: "tests/validate/run.ts",
};

async function main(command: string, args: readonly string[]): Promise<number> {
  const program = programs[command];
  if (program !== undefined && existsSync(path.join(checkout, program))) {
    process.argv.splice(2, 1);
    await import(path.join(checkout, program));
    return Number(process.exitCode ?? 0);
  }
  const run = commands[command];
  if (run === undefined) throw new UsageError(`Unknown command "${command}": use ${Object.keys(commands).join(", ")}`);
  const { help: wantsHelp, target, rest } = parseArguments(command, args, passthroughCommands.includes(command));
  if (!wantsHelp) return run(target, rest);
  console.log(help(command));
  return 0;
}

const [command = "", ...args] = process.argv.slice(2);
try {
  // Exit explicitly: builds that run in parallel with a failed phase cannot be cancelled.
  process.exit(await main(command, args));
} catch (error) {
  if (error instanceof UsageError) {
    console.error(error.message);
    process.exit(2);
  }
  if (error instanceof Interrupted) {
    console.error(
      `Interrupted. Rerun ${["npm start", ...(args.length === 0 ? [] : ["--", ...args])].join(" ")} to resume.`,
    );
    process.exit(130);
  }
  if (!wasShown(error)) console.error(error instanceof Error ? error.message : error);
  if (command === "start") console.error("Failed. Fix the cause and rerun; it resumes here.");
  process.exit(1);
}
