/** Finds objects that differ from what the stack declares, because somebody changed or deleted them. */
import { setTimeout as sleep } from "node:timers/promises";
import type { PhaseLog } from "../../local/report.ts";
import type { ClusterApi, LiveObject, ObjectReference } from "../cluster-api.ts";
import type { ExportedState } from "../interrupted-creates.ts";
import { declaredObjects, type Declared } from "./declared.ts";
import { differences } from "./differences.ts";

/** An object that differs from what the stack declares. */
export interface Drift {
  /** Its {@link nameOf}. */
  readonly object: string;
  readonly state: "missing" | "being deleted" | "changed";
  /** What differs if it was changed. */
  readonly differences: readonly string[];
}

/** A stack's state, and how to get it with its secrets in plain text, which takes Pulumi two seconds. */
export interface StackState {
  readonly state: ExportedState;
  readonly withSecrets: () => Promise<ExportedState>;
}

/** Time for deletions that are under way. A claim that a pod still uses takes for ever. */
const DELETION_MS = 60_000;
const DELETION_POLL_MS = 2000;

/** Finds drift, and waits for objects that are being deleted: only then can they be created again. */
export async function settledDrift(api: ClusterApi, stack: StackState, log: PhaseLog): Promise<readonly Drift[]> {
  const deadline = Date.now() + DELETION_MS;
  for (;;) {
    const drift = await findDrift(api, stack);
    const leaving = drift.filter((each) => each.state === "being deleted").map(({ object }) => object);
    if (leaving.length === 0 || Date.now() >= deadline) return drift;
    log.note(`waiting until these are deleted: ${leaving.join(", ")}`);
    await sleep(DELETION_POLL_MS);
  }
}

/** Compares the objects of a stack with the cluster. */
export async function findDrift(api: ClusterApi, { state, withSecrets }: StackState): Promise<readonly Drift[]> {
  const declared = declaredObjects(state);
  const live = await Promise.all(declared.map((each) => api.read(each)));
  const needsSecrets = declared.some((each, index) => each.isSealed && !isSameVersion(each, live[index]));
  const readable = needsSecrets ? declaredObjects(await withSecrets()) : declared;
  return readable.map((each, index) => driftOf(each, live[index])).filter((drift) => drift !== undefined);
}

function driftOf(declared: Declared, live: LiveObject | undefined): Drift | undefined {
  const object = nameOf(declared);
  if (live === undefined) return { object, state: "missing", differences: [] };
  if (live.metadata.deletionTimestamp !== undefined) return { object, state: "being deleted", differences: [] };
  if (isSameVersion(declared, live)) return undefined;
  const changes = differences(declared, live);
  return changes.length === 0 ? undefined : { object, state: "changed", differences: changes };
}

/** Whether nobody has changed the object since the last update. Also true if there is none. */
function isSameVersion({ recorded }: Declared, live: LiveObject | undefined): boolean {
  return live === undefined || live.metadata.resourceVersion === recorded.metadata.resourceVersion;
}

/** "Secret nx-broker/nx-redis-secret" */
export function nameOf({ kind, metadata: { namespace, name } }: ObjectReference): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

/** One line for each difference: "Deployment nx-persistent/nx-pgbouncer: spec.replicas is 0 instead of 1". */
export function driftLines(drifts: readonly Drift[]): string[] {
  return drifts.flatMap(({ object, state, differences }) =>
    state === "changed" ? differences.map((difference) => `${object}: ${difference}`) : [`${object}: ${state}`],
  );
}
