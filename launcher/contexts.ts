/** The user's own clusters: contexts of their kubeconfig. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { kubeconfigFiles } from "../components/kubeconfig-files.ts";

interface Kubeconfig {
  readonly contexts?: readonly { readonly name: string }[] | null;
}

/**
 * The context of this name.
 * @throws Error that lists the contexts there are, when this is none of them
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
      ...(known.length > 0 ? ["There are:", ...known] : ["It has none."]),
    ].join("\n"),
  );
}

/** The name of a context's state directory below `.state`. */
export function stateNameOf(context: string): string {
  // Contexts are often named like URLs or ARNs. Every other character becomes its code, so that no two names meet.
  return `context-${context.replaceAll(/[^A-Za-z0-9.-]/g, (character) => `_${character.codePointAt(0)?.toString(16) ?? ""}`)}`;
}
