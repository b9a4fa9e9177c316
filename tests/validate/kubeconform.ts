import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ensureBuilt, type GoBuild } from "../../launcher/go-build.ts";
import { buildGo, type GoCommand } from "../../local/artifacts/go.ts";
import type { Reporter } from "../../local/report.ts";
import type { CustomObject } from "./objects.ts";

const command: GoCommand = {
  name: "kubeconform",
  module: "../../launcher/go/kubeconform",
  package: "github.com/yannh/kubeconform/cmd/kubeconform",
};

const build: GoBuild = {
  title: "Building kubeconform",
  name: "kubeconform",
  command,
  seconds: 60,
  reason: "the custom resources are checked with it",
  build: (log, directory) => buildGo(log, command, directory),
};

/** Path of the program, from the cache or built now. */
export const kubeconform = async (cacheDir: string, report: Reporter): Promise<string> =>
  path.join(await ensureBuilt(build, cacheDir, report), command.name);

/** One object in the program's answer. */
interface Result {
  readonly filename: string;
  readonly status: string;
  readonly msg?: string;
  readonly validationErrors?: readonly { readonly path: string; readonly msg: string }[];
}

/**
 * What is wrong with the objects, a line for each problem.
 *
 * @param schemas folder of JSON schemas, GROUP/KIND_VERSION.json in lower case
 */
export async function problemsOf(
  program: string,
  schemas: string,
  objects: readonly CustomObject[],
): Promise<readonly string[]> {
  if (objects.length === 0) return [];
  const folder = mkdtempSync(path.join(tmpdir(), "validate-"));
  try {
    objects.forEach(({ content }, index) => {
      writeFileSync(path.join(folder, `${String(index)}.json`), JSON.stringify(content));
    });
    const location = path.join(schemas, "{{.Group}}", "{{.ResourceKind}}_{{.ResourceAPIVersion}}.json");
    const { resources } = JSON.parse(
      await output(program, ["-strict", "-output", "json", "-verbose", "-schema-location", location, folder]),
    ) as { resources: readonly Result[] };
    if (resources.length !== objects.length) throw new Error("kubeconform has not checked every object");
    return resources.flatMap((result) => {
      if (result.status === "statusValid") return [];
      const object = objects[Number(path.basename(result.filename, ".json"))];
      const errors = result.validationErrors?.map((error) => `${error.path || "/"}: ${error.msg}`) ?? [];
      return (errors.length > 0 ? errors : [result.msg ?? result.status]).map(
        (error) => `${object?.title ?? result.filename}: ${error}`,
      );
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Standard output; the program exits with 1 if an object is invalid. */
const output = (program: string, args: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(program, args, { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (stdout.startsWith("{")) resolve(stdout);
      else reject(new Error(`kubeconform failed: ${stderr || (error?.message ?? "")}`));
    });
  });
