import { title, type KubernetesObject } from "../kubernetes/objects.ts";
import type { Value } from "../kubernetes/value.ts";

/** Whether a ServiceAccount has its token mounted into pods that do not say so themselves. */
export interface TokenAnswer {
  readonly mounts: boolean | "unknown";
  /** The ServiceAccounts that it depends on. */
  readonly accounts: readonly string[];
}

interface Account {
  readonly title: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly isPatch: boolean;
  readonly mounts: boolean | "unknown";
}

/** The ServiceAccounts of a stack, and the patches of those that live elsewhere, such as `default`. */
export class ServiceAccounts {
  private readonly accounts: readonly Account[];

  constructor(objects: readonly KubernetesObject[]) {
    this.accounts = objects.filter(({ kind }) => kind === "ServiceAccount").flatMap(readAccount);
  }

  /** What is said of the account that pods of a namespace run as; either may be unknown. */
  answer(namespace: string | undefined, name: string | undefined): TokenAnswer {
    const possible = this.accounts.filter((each) => mayBe(each.namespace, namespace) && mayBe(each.name, name));
    const certain = possible.filter((each) => is(each.namespace, namespace) && is(each.name, name));
    const patches = certain.filter(({ isPatch }) => isPatch);
    // A patch overrides what the account itself says.
    const inForce = patches.length > 0 ? patches : certain;
    // No other object of the stack has the name of one that it creates, but a patch may.
    const isCreatedHere = certain.some(({ isPatch }) => !isPatch);
    const doubtful = possible.filter((each) => !certain.includes(each) && (each.isPatch || !isCreatedHere));
    const answers = new Set([...inForce, ...doubtful].map(({ mounts }) => mounts));
    if (inForce.length === 0) answers.add(name === undefined ? "unknown" : true);
    const [only] = answers;
    return {
      mounts: answers.size === 1 && only !== undefined ? only : "unknown",
      accounts: [...inForce, ...doubtful].map((each) => each.title),
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
      // Kubernetes mounts the token of an account that says nothing.
      mounts: field.isUnknown ? "unknown" : (field.flag() ?? true),
    },
  ];
}

/** Undefined while it is not known; Pulumi's name for the resource is not the object's. */
function nameOf(value: Value): string | undefined {
  return value.get("metadata", "name").textIfKnown();
}

function mayBe(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}

function is(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && a === b;
}
