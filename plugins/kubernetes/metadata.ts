/** Names, ids and annotations of objects. */
import { createHash, randomBytes } from "node:crypto";
import { nameOfUrn } from "./kinds.ts";
import { at, isFields, put, text, Unknown, type Fields, type Value } from "./values.ts";

export const annotations = {
  autonamed: "pulumi.com/autonamed",
  skipAwait: "pulumi.com/skipAwait",
  waitFor: "pulumi.com/waitFor",
  timeoutSeconds: "pulumi.com/timeoutSeconds",
  replaceUnready: "pulumi.com/replaceUnready",
  patchForce: "pulumi.com/patchForce",
  patchFieldManager: "pulumi.com/patchFieldManager",
  deletionPropagation: "pulumi.com/deletionPropagationPolicy",
} as const;

export const annotation = (object: Value, name: string): string => text(object, "metadata", "annotations", name);
export const nameOf = (object: Value): string => text(object, "metadata", "name");
export const namespaceOf = (object: Value): string => text(object, "metadata", "namespace");
export const uidOf = (object: Value): string => text(object, "metadata", "uid");

/** The id of an object in Pulumi's state: `namespace/name`, or `name` for cluster-scoped objects. */
export function idOf(object: Value): string {
  const namespace = namespaceOf(object);
  return namespace === "" ? nameOf(object) : `${namespace}/${nameOf(object)}`;
}

export function parseId(id: string): { namespace: string; name: string } {
  const [first = "", second] = id.split("/");
  return second === undefined ? { namespace: "", name: first } : { namespace: first, name: second };
}

/** Whether the object has a name, be it one that is not known yet. */
export function isNamed(object: Value): boolean {
  return nameOf(object) !== "" || at(object, "metadata", "name") instanceof Unknown;
}

export const isAutonamed = (object: Value): boolean => annotation(object, annotations.autonamed) === "true";

export function hasGenerateName(object: Value): boolean {
  const generateName = at(object, "metadata", "generateName");
  return !isNamed(object) && (generateName instanceof Unknown || (generateName ?? "") !== "");
}

/** A prefix and eight hexadecimal digits that depend on the seed alone, or on nothing when there is none. */
export function uniqueName(prefix: string, seed: Uint8Array): string {
  const digest = seed.length === 0 ? randomBytes(4) : createHash("sha256").update(seed).digest();
  return prefix + digest.toString("hex").slice(0, 8);
}

/** What the stack's autonaming configuration says about a name. */
export interface Autonaming {
  readonly disabled: boolean;
  readonly proposedName: string;
}

function setAutoname(object: Fields, name: string): void {
  put(object, name, "metadata", "name");
  // Metadata or annotations that are not known yet cannot be added to.
  const existing = at(object, "metadata", "annotations");
  if (existing === undefined || isFields(existing)) {
    put(object, "true", "metadata", "annotations", annotations.autonamed);
  }
}

/** Gives a new object a name derived from the resource's, unless it has one. */
export function assignName(object: Fields, urn: string, seed: Uint8Array, autonaming: Autonaming | undefined): void {
  if (isNamed(object) || hasGenerateName(object) || object["metadata"] instanceof Unknown) return;
  if (autonaming?.disabled === true) {
    throw new Error("autonaming is disabled by `pulumi:autonaming`: set metadata.name of this resource");
  }
  setAutoname(object, autonaming?.proposedName ?? uniqueName(`${nameOfUrn(urn)}-`, seed));
}

/** Keeps the generated name of an existing object, so that it is not replaced by each update. */
export function adoptName(object: Fields, previous: Fields): void {
  if (!isNamed(object) && isAutonamed(previous)) setAutoname(object, nameOf(previous));
}
