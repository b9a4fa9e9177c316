import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parse, stringify } from "yaml";
import { differenceFrom } from "./differences.ts";
import { componentsOf, type Components } from "./documents.ts";
import { project } from "./plan.ts";
import type { Planned } from "./plan.ts";

const golden = path.join(project, "tests", "golden");

/** Golden files of a stack and what it plans now, both as values, so that a test shows where they differ. */
export interface Comparison {
  readonly expected: Components;
  readonly planned: Components;
}

/** One file a component. `staging` has all of it; another stack has what differs from staging's files. */
function filesOf(folder: string): Components {
  const files = readdirSync(folder).map((file) => {
    return [path.basename(file, ".yaml"), parse(readFileSync(path.join(folder, file), "utf8")) as object] as const;
  });
  return Object.fromEntries(files) as Components;
}

/** Compares a stack's resources with `tests/golden/<stack>`; `UPDATE_GOLDEN=1` (npm run golden) writes them there first. */
export function comparedWithGolden(stack: string, resources: readonly Planned[]): Comparison {
  const folder = path.join(golden, stack);
  const all = componentsOf(resources);
  const planned = stack === "staging" ? all : differenceFrom(filesOf(path.join(golden, "staging")), all);
  if (process.env["UPDATE_GOLDEN"]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const [name, component] of Object.entries(planned))
      writeFileSync(
        path.join(folder, `${name}.yaml`),
        stringify(component, { lineWidth: 0, aliasDuplicateObjects: false }),
      );
  }
  return { expected: filesOf(folder), planned };
}
