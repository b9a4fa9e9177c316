import { setTimeout as sleep } from "node:timers/promises";
import { Api } from "../api.ts";
import type { List } from "../api.ts";

/** The fields of a PersistentVolumeClaim that are used here. */
export interface Claim {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly annotations?: Record<string, string>;
  };
  readonly spec: {
    readonly volumeName?: string;
    readonly resources: { readonly requests?: { readonly storage?: string } };
  };
  readonly status?: {
    readonly phase?: string;
    readonly capacity?: { readonly storage?: string };
    readonly conditions?: readonly { readonly type: string }[];
  };
}

const PROVISIONER = "rancher.io/local-path";
const RETRY_MS = 1000;

/**
 * Replaces the CSI external-resizer. Volumes of this cluster are directories without a size limit, so an expansion only
 * sets the new capacity on the PersistentVolume and in the claim's status.
 */
export class VolumeExpansion {
  readonly #api: Api;
  readonly #stopped = new AbortController();

  constructor(kubeconfig: string) {
    this.#api = new Api(kubeconfig);
  }

  /** Watches claims until `stop`. */
  async run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      try {
        await this.#listAndWatch();
      } catch (error) {
        // The API server closes watches and may be restarting: list and watch again.
        if (!this.#stopped.signal.aborted) console.error(`volume expansion: ${String(error)}`);
      }
      await sleep(RETRY_MS);
    }
  }

  stop(): void {
    this.#stopped.abort();
    this.#api.close();
  }

  async #listAndWatch(): Promise<void> {
    const path = "/api/v1/persistentvolumeclaims";
    const list = await this.#api.get<List<Claim>>(path);
    for (const claim of list.items) await this.#expand(claim);
    for await (const event of this.#api.watch<Claim>(path, list.metadata.resourceVersion, this.#stopped.signal)) {
      if (event.type === "ERROR") return;
      if (event.type === "ADDED" || event.type === "MODIFIED") await this.#expand(event.object);
    }
  }

  async #expand(claim: Claim): Promise<void> {
    const requested = claim.spec.resources.requests?.storage;
    const volume = claim.spec.volumeName;
    if (requested === undefined || volume === undefined || !needsExpansion(claim, requested)) return;
    const { namespace, name } = claim.metadata;
    const merge = "application/merge-patch+json";
    await this.#api.patch(`/api/v1/persistentvolumes/${volume}`, merge, {
      spec: { capacity: { storage: requested } },
    });
    await this.#api.patch(`/api/v1/namespaces/${namespace}/persistentvolumeclaims/${name}/status`, merge, {
      status: {
        capacity: { storage: requested },
        allocatedResources: null,
        allocatedResourceStatuses: null,
        conditions: null,
      },
    });
  }
}

/** Whether a local-path volume is smaller than its claim requests. */
export function needsExpansion({ metadata, status }: Claim, requested: string): boolean {
  const capacity = status?.capacity?.storage;
  return (
    metadata.annotations?.["volume.kubernetes.io/storage-provisioner"] === PROVISIONER &&
    status?.phase === "Bound" &&
    capacity !== undefined &&
    // The API server rejects smaller requests and normalizes quantities, so a difference means a larger request.
    requested !== capacity
  );
}
