/** The Kubernetes objects that the stack's state declares. */
import type { LiveObject, ObjectReference } from "../cluster-api.ts";
import type { ExportedState, StateResource } from "../interrupted-creates.ts";

/** A value that must not be shown. */
export class Hidden {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

export interface Declared extends ObjectReference {
  /** What the program declares. Secret values are {@link Hidden}. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The object as the API server answered the last update: with defaults, and in the server's notation. */
  readonly recorded: LiveObject;
  /** Whether secret values are missing, because the state was exported without them. */
  readonly isSealed: boolean;
}

/** The key that marks a secret in an exported state. */
const SECRET_MARK = "4dabf18193072939515e22adb298388d";

/** The objects in a state, which was exported with or without its secrets in plain text. */
export function declaredObjects(state: ExportedState): Declared[] {
  return (state.deployment.resources ?? []).filter(isObject).map(({ inputs, outputs }) => {
    const recorded = decoded(outputs, (value) => value) as LiveObject;
    let isSealed = false;
    const hide = (value: unknown) => {
      isSealed ||= value === undefined;
      return new Hidden(value);
    };
    const visible = decoded(inputs, hide) as Declared["inputs"];
    const { apiVersion, kind, metadata } = recorded;
    return { apiVersion, kind, metadata, inputs: visible, recorded, isSealed };
  });
}

/** Whether the stack created this resource as an object: not a provider, a component, a patch or somebody else's object. */
function isObject({ type, custom, external, delete: isPending }: StateResource): boolean {
  return (
    custom === true &&
    external !== true &&
    isPending !== true &&
    type.startsWith("kubernetes:") &&
    !type.endsWith("Patch") &&
    !type.startsWith("kubernetes:helm.sh/")
  );
}

/** A value of an exported state, with each secret replaced by `secret` of its value, or of undefined if it is encrypted. */
function decoded(value: unknown, secret: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => decoded(item, secret));
  if (typeof value !== "object" || value === null) return value;
  if (SECRET_MARK in value && "ciphertext" in value) return secret(undefined);
  if (SECRET_MARK in value && "plaintext" in value) {
    return secret(decoded(JSON.parse(String(value.plaintext)), secret));
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decoded(item, secret)]));
}
