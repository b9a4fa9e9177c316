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
 * @param before inputs of the claim before the update
 * @param after inputs of the claim after the update
 * @throws Error if the requested size decreases: Kubernetes cannot shrink a volume
 */
export function refuseShrinking(name: string, before: Claim, after: Claim): void {
  const [now, wanted] = [requested(before), requested(after)];
  if ((parseQuantity(wanted) ?? 0) < (parseQuantity(now) ?? 0)) {
    throw new Error(
      `volume ${name} has ${now} and cannot shrink to ${wanted}. Set storage to ${now} or more; ` +
        "for a smaller volume, back up the data, destroy the stack and create it again",
    );
  }
}

export interface VolumeClaimsArgs {
  readonly storageClass: string;
  /** Refuse to delete the volumes. */
  readonly protect: boolean;
}

/**
 * Creates PersistentVolumeClaims that outlive their pods. They are separate resources because the claim template of a
 * StatefulSet is immutable: a larger size is a patch of the claim, and the volume grows while the server runs.
 */
export class VolumeClaims {
  readonly #args: VolumeClaimsArgs;
  readonly #guard: pulumi.ResourceHook;
  /** Also in the template: a lost claim that the StatefulSet's controller creates again is as the stack declares it. */
  readonly #metadata = {
    labels: commonLabels,
    // With WaitForFirstConsumer, Pulumi would wait on every update for the claim to become Pending, and fail.
    annotations: { "pulumi.com/skipAwait": "true" },
  };

  constructor(args: VolumeClaimsArgs) {
    this.#args = args;
    this.#guard = new pulumi.ResourceHook(
      "refuse-shrinking",
      ({ name, oldInputs, newInputs }) => {
        refuseShrinking(name, oldInputs as Claim, newInputs as Claim);
      },
      { onDryRun: true },
    );
  }

  /** The claim template of a StatefulSet whose pods adopt the claims of {@link claim}. */
  template(size: string): k8s.types.input.core.v1.PersistentVolumeClaim {
    return { metadata: { name: "data", ...this.#metadata }, spec: this.#spec(size) };
  }

  /** The claim `data` of one pod of a StatefulSet. */
  claim(pod: string, namespace: Namespace, size: string, opts: pulumi.CustomResourceOptions): pulumi.Resource {
    const name = `data-${pod}`;
    return new k8s.core.v1.PersistentVolumeClaim(
      name,
      {
        metadata: { name, namespace, ...this.#metadata },
        spec: this.#spec(size),
      },
      {
        ...opts,
        protect: this.#args.protect,
        // A store that leaves the stack keeps its data. The claim goes with its namespace, or when somebody deletes it.
        retainOnDelete: true,
        hooks: { beforeUpdate: [this.#guard] },
      },
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
