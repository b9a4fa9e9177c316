import { parseArgs } from "node:util";
import type { Kubectl } from "../connect/kubectl.ts";
import type { RestoreOptions } from "../restore/options.ts";
import { restoreRedis } from "../restore/redis.ts";
import { restoreTypesense } from "../restore/typesense.ts";
import type { Target } from "../target.ts";
import { UsageError } from "../usage-error.ts";
import { kubectlFor } from "./connect.ts";

type Restore = (kubectl: Kubectl, options: RestoreOptions) => Promise<boolean>;

const stores = new Map<string | undefined, Restore>([
  ["redis", restoreRedis],
  ["typesense", restoreTypesense],
]);

/** `npm run restore`: exit code 0 if the store has the backup, else 1. */
export async function restoreCommand(target: Target, args: readonly string[]): Promise<number> {
  const { restore, options } = parseArguments(args);
  const isRestored = await restore(await kubectlFor(target), options);
  console.log(isRestored ? "Restored." : "The restore failed.");
  return isRestored ? 0 : 1;
}

function parseArguments(args: readonly string[]): { restore: Restore; options: RestoreOptions } {
  const known = { from: { type: "string", default: "latest" }, "into-existing": { type: "boolean" } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: known, allowPositionals: true });
    const restore = stores.get(positionals[0]);
    if (positionals.length !== 1 || restore === undefined) {
      throw new Error(`Name the store to restore: ${[...stores.keys()].join(" or ")}`);
    }
    if (!/^(latest|\d{8}T\d{6}Z)$/.test(values.from)) {
      throw new Error(
        `"${values.from}" is not the name of a backup, such as 20261130T030000Z: npm run backups lists them`,
      );
    }
    return { restore, options: { from: values.from, intoExisting: values["into-existing"] ?? false } };
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\nSee: npm run restore -- --help`);
  }
}
