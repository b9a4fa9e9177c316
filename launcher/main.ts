/** The project's commands, on Node 22: see `bootstrap.mjs`, which starts this. */
import { existsSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { connectCommand } from "./commands/connect.ts";
import { downCommand } from "./commands/down.ts";
import { kubectlCommand, pulumiCommand } from "./commands/passed-on.ts";
import { startCommand } from "./commands/start.ts";
import { statusCommand } from "./commands/status.ts";
import { stateNameOf } from "./contexts.ts";
import type { Target } from "./environment.ts";
import { help } from "./help.ts";
import { Interrupted } from "./interrupts.ts";
import { wasShown } from "./report.ts";
import { UsageError } from "./usage-error.ts";
import { checkout } from "./versions.ts";

interface Options {
  readonly help: boolean;
  readonly target: Target;
  /** What is passed on to another program. */
  readonly rest: readonly string[];
}

const options = {
  context: { type: "string" },
  state: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** The arguments of a command. Those of one that passes on come first; the first that is not ours ends them. */
function read(command: string, args: readonly string[], passesOn: boolean): Options {
  const end = passesOn ? ownArguments(args) : args.length;
  const own = args.slice(0, end).filter((word, index) => !(passesOn && word === "--" && index === end - 1));
  try {
    const { values } = parseArgs({ args: own, options });
    const { context, state } = values;
    if (context !== undefined && state !== undefined) throw new UsageError("--context and --state exclude each other");
    const target = context === undefined ? { name: state ?? "local" } : { name: stateNameOf(context), context };
    return { help: values.help ?? false, target, rest: args.slice(end) };
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\nSee: npm run ${command} -- --help`);
  }
}

function ownArguments(args: readonly string[]): number {
  let index = 0;
  for (;;) {
    const word = args[index] ?? "";
    if (word === "--") return index + 1;
    if (word === "--context" || word === "--state") index += 2;
    else if (/^--(context|state)=/.test(word) || word === "--help" || word === "-h") index += 1;
    else return Math.min(index, args.length);
  }
}

function embedded(command: string, target: Target): Target {
  if (target.context === undefined) return target;
  throw new UsageError(
    `npm run ${command} is for the embedded cluster. With a context of yours: kubectl --context ${target.context}, ` +
      `or npm run pulumi -- --context ${target.context} -- destroy`,
  );
}

const commands: Readonly<Record<string, (target: Target, rest: readonly string[]) => Promise<number>>> = {
  start: startCommand,
  status: (target) => statusCommand(embedded("status", target)),
  down: (target) => downCommand(embedded("down", target).name),
  kubectl: (target, rest) => kubectlCommand(embedded("kubectl", target), rest),
  pulumi: pulumiCommand,
  connect: connectCommand,
};

/** Commands with arguments of their own, after those that name the target. */
const passingOn = ["kubectl", "pulumi", "connect"];

/** Commands that have a program of their own, which reads its arguments itself. */
const programs: Readonly<Record<string, string>> = { test: "tests/run.ts", bench: "tests/bench/run.ts" };

async function main([command = "", ...args]: readonly string[]): Promise<number> {
  const program = programs[command];
  if (program !== undefined && existsSync(path.join(checkout, program))) {
    process.argv.splice(2, 1);
    await import(path.join(checkout, program));
    return Number(process.exitCode ?? 0);
  }
  const run = commands[command];
  if (run === undefined) throw new UsageError(`there is no command "${command}": ${Object.keys(commands).join(", ")}`);
  const { help: wantsHelp, target, rest } = read(command, args, passingOn.includes(command));
  if (!wantsHelp) return run(target, rest);
  console.log(help(command));
  return 0;
}

try {
  // Not all that a failed command has under way can be called back: builds that ran beside what failed go with us.
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  if (error instanceof UsageError) {
    console.error(error.message);
    process.exit(2);
  }
  if (error instanceof Interrupted) {
    console.error("Interrupted. The next npm start goes on from here.");
    process.exit(130);
  }
  if (!wasShown(error)) console.error(error instanceof Error ? error.message : error);
  console.error("Failed. Once the cause is mended, the same command goes on from here.");
  process.exit(1);
}
