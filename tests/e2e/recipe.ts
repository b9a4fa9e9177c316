import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { session } from "./session.ts";

/**
 * The commands of a section of docs/operations.md, with the given names replaced and run against the tests' cluster.
 */
export function recipe(title: string, names: Readonly<Record<string, string>> = {}): string[] {
  const text = readFileSync(join(__dirname, "../../docs/operations.md"), "utf8");
  const section = text.split(/^##+ /m).find((part) => part.startsWith(`${title}\n`)) ?? "";
  const commands = /\n```sh\n(.*?)\n```/s.exec(section)?.[1];
  if (commands === undefined) throw new Error(`docs/operations.md has no commands in a section "${title}"`);
  return commands.split("\n").map((line) => {
    const command = line
      .replace(/ +#.*/, "")
      .replace(/npm run/, `npm --prefix ${session().checkout} run`)
      .replace(/(connect|kubectl) -- /, `$1 -- --state ${basename(session().stateDir)} `);
    return Object.entries(names).reduce((named, [from, to]) => named.replaceAll(from, to), command);
  });
}
