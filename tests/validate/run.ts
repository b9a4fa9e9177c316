/** `npm run validate`: checks the custom resources of the stacks against the operators' own definitions. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { cacheDirectory } from "../../launcher/cache-directory.ts";
import { screenReporter } from "../../launcher/report.ts";
import { launcherLogs } from "../../launcher/versions.ts";
import { definitionsFrom, publishedDefinitions } from "./definitions.ts";
import { kubeconform, problemsOf } from "./kubeconform.ts";
import { customObjectsOf, stacks } from "./objects.ts";
import type { CustomObject } from "./objects.ts";
import { writeSchemas } from "./schemas.ts";
import type { Definition } from "./schemas.ts";

const help = `Usage: npm run validate [-- [--stack NAME]... [--crds SOURCE]...]

Checks every custom resource in the plans of the stacks, as tests/golden holds them, against the operators' own
CustomResourceDefinitions with kubeconform: types, required fields, values, and fields that the operator does not know,
which the API server would drop. It needs no cluster. Rules in CEL are checked by an API server only.

The definitions of CloudNativePG and the Barman Cloud plugin come from their Go modules. No package registry has those of
Strimzi: give them with --crds. Without them its objects are listed as not checked.

  --stack NAME    a stack with golden files (default: all)
  --crds SOURCE   manifests with further definitions: a URL, a file or a folder. Then every object must have one
  --help          print this help

The exit code is 1 if an object is invalid, or has no definition although some were given.
`;

const idOf = ({ group, version, kind }: Pick<Definition, "group" | "version" | "kind">) =>
  `${group}/${version} ${kind}`;

/** "3 KafkaUser, 1 Kafka" */
function counted(objects: readonly CustomObject[]): string {
  const kinds = [...new Set(objects.map(({ kind }) => kind))].sort();
  return kinds.map((kind) => `${String(objects.filter((object) => object.kind === kind).length)} ${kind}`).join(", ");
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      stack: { type: "string", multiple: true },
      crds: { type: "string", multiple: true, default: [] },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const objects = new Map((values.stack ?? stacks()).map((stack) => [stack, customObjectsOf(stack)]));
  const report = screenReporter(path.join(launcherLogs, "validate"));
  const given = await Promise.all(values.crds.map(definitionsFrom));
  const definitions = [...given.flat(), ...(await publishedDefinitions(report))];
  const program = await kubeconform(cacheDirectory(), report);

  const schemas = mkdtempSync(path.join(tmpdir(), "schemas-"));
  let failed = false;
  try {
    writeSchemas(schemas, definitions);
    const defined = new Set(definitions.map(idOf));
    for (const [stack, all] of objects) {
      const checked = all.filter((object) => defined.has(idOf(object)));
      const unknown = all.filter((object) => !defined.has(idOf(object)));
      const problems = await problemsOf(program, schemas, checked);
      if (all.length === 0) console.log(`${stack}: no custom resources`);
      else if (problems.length > 0) console.log(`${stack}: invalid\n${problems.map((line) => `  ${line}`).join("\n")}`);
      else if (checked.length > 0) console.log(`${stack}: valid: ${counted(checked)}`);
      if (unknown.length > 0) console.log(`${stack}: not checked, without a definition: ${counted(unknown)}`);
      failed ||= problems.length > 0 || (unknown.length > 0 && given.length > 0);
    }
  } finally {
    rmSync(schemas, { recursive: true });
  }
  return failed ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
