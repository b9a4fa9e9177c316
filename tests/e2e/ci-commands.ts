import { readFileSync } from "node:fs";
import { join } from "node:path";
import { attempt, type Result } from "./command.ts";
import { session } from "./session.ts";

/** The CI commands in policies/README.md; {@link run} replaces the name of the stack. */
export const [preview, up, drift] = commands();

function commands(): readonly [string, string, string] {
  const readme = readFileSync(join(__dirname, "../../policies/README.md"), "utf8");
  const block = /\n## In CI\n.*?\n```sh\n(.*?)\n```/s.exec(readme)?.[1] ?? "";
  const [first, second, third, ...more] = block.split("\n").map((line) => line.replace(/#.*/, "").trim());
  if (first === undefined || second === undefined || third === undefined || more.length > 0)
    throw new Error("policies/README.md must have exactly three commands for CI");
  return [first, second, third];
}

export function run(command: string, stack: string, configFile = session().configFile): Promise<Result> {
  const [program = "", ...args] = command.replace("--stack staging", `--stack ${stack}`).split(/\s+/);
  const { pulumi, checkout } = session();
  return attempt(program, args, { cwd: checkout, env: { ...pulumi.env, PULUMI_OPTION_CONFIG_FILE: configFile } });
}
