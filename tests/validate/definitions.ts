import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import { moduleFolder } from "../../local/artifacts/go.ts";
import { operatorManifests } from "../../local/images/operators.ts";
import type { Reporter } from "../../local/report.ts";
import { definitionsIn, type Definition } from "./schemas.ts";

const definitionsInText = (text: string): readonly Definition[] =>
  definitionsIn(parseAllDocuments(text).map((document) => document.toJS() as unknown));

/** Those of CloudNativePG and the Barman Cloud plugin, from the manifests in their Go modules. */
export const publishedDefinitions = (report: Reporter): Promise<readonly Definition[]> =>
  report.phase("Reading the operators' definitions", async (log) => {
    const texts: string[] = [];
    for (const { command, module, file } of Object.values(operatorManifests)) {
      texts.push(readFileSync(path.join(await moduleFolder(log, command, module), file), "utf8"));
    }
    return texts.flatMap(definitionsInText);
  });

async function textsOf(source: string): Promise<readonly string[]> {
  if (/^https?:/.test(source)) {
    const response = await fetch(source);
    if (!response.ok) throw new Error(`${source} answers with HTTP ${String(response.status)}`);
    return [await response.text()];
  }
  if (!statSync(source, { throwIfNoEntry: false })) throw new Error(`there is no file or folder ${source}`);
  if (!statSync(source).isDirectory()) return [readFileSync(source, "utf8")];
  return readdirSync(source)
    .filter((file) => /\.ya?ml$/.test(file))
    .map((file) => readFileSync(path.join(source, file), "utf8"));
}

/**
 * The definitions in a manifest, or in a folder of manifests.
 *
 * @param source URL, or path of a file or a folder
 * @throws Error if there are none
 */
export async function definitionsFrom(source: string): Promise<readonly Definition[]> {
  const definitions = (await textsOf(source)).flatMap(definitionsInText);
  if (definitions.length === 0) throw new Error(`there are no CustomResourceDefinitions in ${source}`);
  return definitions;
}
