import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { parseQuantity } from "../settings/quantity.ts";
import { commonLabels } from "./names.ts";
import type { Namespace } from "./names.ts";

interface Claim {
  readonly spec?: { readonly resources?: { readonly requests?: { readonly storage?: string } } };
}

const requested = (claim: Claim) => claim.spec?.resources?.requests?.storage ?? "";

/**
 * @param before inputs of the claim as it is
 * @param after inputs of the claim as it is to become
 * @throws Error if the volume would have to shrink, which no storage can do
 */
export function refuseShrinking(name: string, before: Claim, after: Claim): void {
  const [now, wanted] = [requested(before), requested(after)];
  if ((parseQuantity(wanted) ?? 0) < (parseQuantity(now) ?? 0)) {
    throw new Error(
      `the volume ${name} has ${now} and cannot shrink to ${wanted}: volumes only grow. ` +
        `Set storage back to ${now} or more; to have less, back the data up, destroy and create anew`,
    );
  }
}

export interface StorageArgs {
  readonly storageClass: string;
  /** Refuse to delete the volumes. */
  readonly protect: boolean;
}

/**
 * Makes volumes that outlive their pods. They are resources of their own and not left to a StatefulSet's claim template, which is
 * immutable: so raising the size is a patch that the storage carries out under the running server.
 */
export class Storage {
  readonly #args: StorageArgs;
  readonly #guard: pulumi.ResourceHook;

  constructor(args: StorageArgs) {
    this.#args = args;
    this.#guard = new pulumi.ResourceHook(
      "refuse-shrinking",
      ({ name, oldInputs, newInputs }) => {
        refuseShrinking(name, oldInputs as Claim, newInputs as Claim);
      },
      { onDryRun: true },
    );
  }

  /** The claim template of a StatefulSet whose pods are to adopt claims made with {@link claim}. */
  template(size: string): k8s.types.input.core.v1.PersistentVolumeClaim {
    return { metadata: { name: "data" }, spec: this.#spec(size) };
  }

  /** The volume `data` of one pod of a StatefulSet. */
  claim(pod: string, namespace: Namespace, size: string, opts: pulumi.CustomResourceOptions): pulumi.Resource {
    const name = `data-${pod}`;
    return new k8s.core.v1.PersistentVolumeClaim(
      name,
      {
        metadata: {
          name,
          namespace,
          labels: commonLabels,
          // Where volumes bind to their first consumer, Pulumi would wait at every update for the claim to be pending again, and fail.
          annotations: { "pulumi.com/skipAwait": "true" },
        },
        spec: this.#spec(size),
      },
      { ...opts, protect: this.#args.protect, hooks: { beforeUpdate: [this.#guard] } },
    );
  }

  #spec(size: string): k8s.types.input.core.v1.PersistentVolumeClaimSpec {
    return {
      accessModes: ["ReadWriteOnce"],
      storageClassName: this.#args.storageClass,
      resources: { requests: { storage: size } },
    };
  }
}
