/**
 * The state of a resource: the live object, with the inputs it came from (`__inputs`) beside it, the apiVersion that it
 * was first made with and the name under which fields are owned.
 */
import { isSecret } from "./kinds.ts";
import { annotation, annotations, uniqueName } from "./metadata.ts";
import { containsSecret, copy, isFields, reveal, Secret, text, type Fields, type Value } from "./values.ts";

/** Names in the schema part of a CustomResourceDefinition, which SDKs cannot have as property names. */
const dashed = [
  "x-kubernetes-embedded-resource",
  "x-kubernetes-int-or-string",
  "x-kubernetes-list-map-keys",
  "x-kubernetes-list-type",
  "x-kubernetes-map-type",
  "x-kubernetes-preserve-unknown-fields",
  "x-kubernetes-validations",
];
const toUnderscores = new Map(dashed.map((name) => [name, name.replaceAll("-", "_")]));
const toDashes = new Map(dashed.map((name) => [name.replaceAll("-", "_"), name]));

function rename(value: Value, names: ReadonlyMap<string, string>): Value {
  if (Array.isArray(value)) return value.map((item) => rename(item, names));
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [names.get(name) ?? name, rename(item, names)]),
  );
}

/** Inputs of a resource as a Kubernetes object: nothing secret about it any more. */
export const toObject = (inputs: Fields): Fields => rename(reveal(inputs), toDashes) as Fields;

/** A Kubernetes object as properties of a resource. */
export const toProperties = (object: Fields): Fields => copy(rename(object, toUnderscores) as Fields);

/** Marks as secret, in `target`, what is secret in `source`; and the data of a Secret always. */
export function markSecrets(target: Fields, source: Fields): void {
  if (target["kind"] === "Secret") {
    for (const name of ["data", "stringData"]) {
      const value = target[name];
      if (value !== undefined && !(value instanceof Secret)) target[name] = new Secret(value);
    }
    return;
  }
  for (const [name, from] of Object.entries(source)) {
    const to = target[name];
    if (to === undefined) continue;
    if (isFields(to) && isFields(from)) markSecrets(to, from);
    // Lists may come back in another order: one secret in them hides all of it.
    else if (!(to instanceof Secret) && containsSecret(from)) target[name] = new Secret(to);
  }
}

export interface Checkpoint {
  readonly inputs: Fields;
  readonly live: Fields;
  readonly initialApiVersion: string;
  readonly fieldManager: string;
}

/** @param source The inputs as they came, which say what is secret. */
export function toState(checkpoint: Checkpoint, source: Fields): Fields {
  const state = toProperties(checkpoint.live);
  const inputs = toProperties(checkpoint.inputs);
  markSecrets(state, source);
  markSecrets(inputs, source);
  if (isSecret(checkpoint.live)) markSecrets(state, {});
  return {
    ...state,
    __inputs: inputs,
    __initialApiVersion: checkpoint.initialApiVersion,
    __fieldManager: checkpoint.fieldManager,
  };
}

/** The objects in a state; empty ones where the state has none (a resource that is being imported). */
export function fromState(state: Fields): { inputs: Fields; live: Fields } {
  const { __inputs, __initialApiVersion, __fieldManager, ...live } = toObject(state);
  void __initialApiVersion;
  void __fieldManager;
  return { inputs: isFields(__inputs) ? __inputs : {}, live };
}

export const initialApiVersion = (state: Fields, inputs: Fields): string =>
  text(state, "__initialApiVersion") || text(inputs, "apiVersion");

/** The owner of this resource's fields: an annotation's, the one in the state, or a new one. */
export function fieldManager(state: Fields, inputs: Fields, serverSideApply: boolean): string {
  if (!serverSideApply) return clientSideManager;
  return (
    annotation(inputs, annotations.patchFieldManager) ||
    text(state, "__fieldManager") ||
    uniqueName("pulumi-kubernetes-", new Uint8Array())
  );
}

/** Owns fields of objects that were created, and not yet applied. */
export const clientSideManager = "pulumi-kubernetes";

/** The empty status in a dry run's answer would make programs fail that read a field of it. */
export function withoutStatus(object: Fields): Fields {
  const { status, ...rest } = object;
  void status;
  return rest;
}
