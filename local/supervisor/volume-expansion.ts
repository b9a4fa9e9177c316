import { setTimeout as sleep } from "node:timers/promises";
import { Api } from "../api.ts";
import type { List } from "../api.ts";

/** What matters here of a PersistentVolumeClaim. */
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
 * Stands where a storage driver's resizer stands. A volume of this cluster is a directory, which has no size of its
 * own: when a claim asks for more, there is nothing to grow, and the larger capacity is what the volume already has.
 * So the volume and the claim are told so, as a resizer does once its disk has grown.
 */
export class VolumeExpansion {
  readonly #api: Api;
  readonly #stopped = new AbortController();

  constructor(kubeconfig: string) {
    this.#api = new Api(kubeconfig);
  }

  /** Follows the claims until `stop`. */
  async run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      try {
        await this.#follow();
      } catch (error) {
        // The API server ends watches, and may be away while it is started again: begin with a new list.
        if (!this.#stopped.signal.aborted) console.error(`volume expansion: ${String(error)}`);
      }
      await sleep(RETRY_MS);
    }
  }

  stop(): void {
    this.#stopped.abort();
    this.#api.close();
  }

  async #follow(): Promise<void> {
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
    if (requested === undefined || volume === undefined || !isWaitingForExpansion(claim, requested)) return;
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

/** Whether a volume of ours is smaller than its claim asks. */
export function isWaitingForExpansion({ metadata, status }: Claim, requested: string): boolean {
  const capacity = status?.capacity?.storage;
  return (
    metadata.annotations?.["volume.kubernetes.io/storage-provisioner"] === PROVISIONER &&
    status?.phase === "Bound" &&
    capacity !== undefined &&
    // The API server lets a claim ask for no less than it has, and writes equal quantities alike.
    requested !== capacity
  );
}
