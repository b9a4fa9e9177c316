import { title, type KubernetesObject } from "../kubernetes/objects.ts";
import type { Value } from "../kubernetes/value.ts";

/** Whether the token of a ServiceAccount is mounted into pods that do not set automountServiceAccountToken. */
export interface TokenAnswer {
  readonly mounts: boolean | "unknown";
  /** The ServiceAccounts that determine it. */
  readonly accounts: readonly string[];
}

interface Account {
  readonly title: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly isPatch: boolean;
  readonly mounts: boolean | "unknown";
}

/** The ServiceAccounts of a stack, and the patches of others, such as `default`. */
export class ServiceAccounts {
  private readonly accounts: readonly Account[];

  constructor(objects: readonly KubernetesObject[]) {
    this.accounts = objects.filter(({ kind }) => kind === "ServiceAccount").flatMap(readAccount);
  }

  /** The answer for pods of a namespace with this ServiceAccount name; undefined arguments are unknown. */
  answer(namespace: string | undefined, name: string | undefined): TokenAnswer {
    const possible = this.accounts.filter((each) => mayBe(each.namespace, namespace) && mayBe(each.name, name));
    const certain = possible.filter((each) => is(each.namespace, namespace) && is(each.name, name));
    const patches = certain.filter(({ isPatch }) => isPatch);
    // A patch overrides the account itself.
    const effective = patches.length > 0 ? patches : certain;
    // Only a patch can have the same name as an account that the stack creates.
    const isCreatedHere = certain.some(({ isPatch }) => !isPatch);
    const uncertain = possible.filter((each) => !certain.includes(each) && (each.isPatch || !isCreatedHere));
    const answers = new Set([...effective, ...uncertain].map(({ mounts }) => mounts));
    if (effective.length === 0) answers.add(name === undefined ? "unknown" : true);
    const [only] = answers;
    return {
      mounts: answers.size === 1 && only !== undefined ? only : "unknown",
      accounts: [...effective, ...uncertain].map((each) => each.title),
    };
  }
}

function readAccount(object: KubernetesObject): readonly Account[] {
  const field = object.value.get("automountServiceAccountToken");
  if (object.partial && !field.isSet) return [];
  return [
    {
      title: title(object),
      namespace: object.namespace,
      name: nameOf(object.value),
      isPatch: object.partial,
      // Kubernetes mounts the token by default.
      mounts: field.isUnknown ? "unknown" : (field.flag() ?? true),
    },
  ];
}

/** Undefined if unknown. Not Pulumi's name for the resource. */
function nameOf(value: Value): string | undefined {
  return value.get("metadata", "name").textIfKnown();
}

function mayBe(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}

function is(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && a === b;
}
