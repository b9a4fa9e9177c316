import { dnsLabel, qualifiedName } from "./formats.ts";
import { metadata } from "./metadata.ts";
import { list, object, text, type Rule } from "./schema.ts";

const standardFinalizers = ["kubernetes", "orphan", "foregroundDeletion"];

function finalizer(name: string): string | undefined {
  if (name.includes("/") || standardFinalizers.includes(name)) return qualifiedName(name);
  return "must be a standard finalizer, or a domain and a name separated by /";
}

export const namespace: Rule = object({
  metadata: metadata(dnsLabel),
  spec: object({ finalizers: list(text(finalizer)) }),
});
