import type { Value } from "../value.ts";
import { dnsLabel, labelValue, prefixOf, qualifiedName, type Format } from "./formats.ts";
import { list, object, required, text, texts, type Rule } from "./schema.ts";

const maxAnnotationBytes = 256 * 1024;

export const labels = texts(qualifiedName, labelValue);

const annotationKeys = texts((key) => qualifiedName(key.toLowerCase()));

/** The API server also limits the total size of annotations. */
function annotations(value: Value): void {
  annotationKeys(value);
  const bytes = [...value.strings()].reduce((sum, [key, known]) => {
    return sum + Buffer.byteLength(key) + Buffer.byteLength(known);
  }, 0);
  if (bytes > maxAnnotationBytes) value.reject(`${bytes} bytes, more than the limit of ${maxAnnotationBytes}`);
}

/** The metadata of a pod template. */
export const templateMetadata: Rule = object({ labels, annotations });

/** The metadata of an object whose names have this format. The name is optional: Pulumi generates a missing one. */
export function metadata(name: Format): Rule {
  return object({
    name: text(name),
    generateName: text(prefixOf(name)),
    namespace: text(dnsLabel),
    labels,
    annotations,
    finalizers: list(text(qualifiedName)),
    ownerReferences: list(
      object({ apiVersion: required(text()), kind: required(text()), name: required(text()), uid: required(text()) }),
    ),
  });
}
