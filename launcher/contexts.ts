/** Contexts of the user's kubeconfig. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { kubeconfigFiles } from "../components/kubeconfig-files.ts";

interface Kubeconfig {
  readonly contexts?: readonly { readonly name: string }[] | null;
}

/**
 * Looks up a context by name.
 * @throws Error that lists the existing contexts, if there is none of this name
 */
export function contextOf(name: string): { readonly kubeconfig: string; readonly context: string } {
  const files = kubeconfigFiles();
  const contexts = files
    .filter((file) => existsSync(file))
    .flatMap((file) => (parse(readFileSync(file, "utf8")) as Kubeconfig | null)?.contexts ?? []);
  if (contexts.some((context) => context.name === name)) {
    return { kubeconfig: files.join(path.delimiter), context: name };
  }
  const known = contexts.map((context) => `  ${context.name}`);
  throw new Error(
    [
      `There is no context "${name}" in ${files.join(" and ")}.`,
      ...(known.length > 0 ? ["Contexts:", ...known] : ["The kubeconfig has no contexts."]),
    ].join("\n"),
  );
}

/** The name of a context's state directory in `.state`. */
export function stateNameOf(context: string): string {
  // Context names are often URLs or ARNs. Other characters become their code points, so that the mapping is injective.
  return `context-${context.replaceAll(/[^A-Za-z0-9.-]/g, (character) => `_${character.codePointAt(0)?.toString(16) ?? ""}`)}`;
}
