import type * as z from "zod";
import type { ObjectStoreSettings } from "./object-store.ts";
import type { PostgresqlSettings } from "./postgresql.ts";
import { postgresql as postgresqlSchema } from "./postgresql.ts";

interface Sections {
  readonly postgresql: PostgresqlSettings;
  readonly objectStore: ObjectStoreSettings;
}

/** A setting that only one implementation knows. */
interface Belongs {
  readonly path: readonly [string, ...string[]];
  /** Why the other implementation has none. */
  readonly reason: string;
}

const onlyStatefulSet: readonly Belongs[] = [
  { path: ["primaryServer"], reason: "the operator chooses the primary, and replaces it when it fails" },
  { path: ["otherServerLost"], reason: "the operator replaces a lost server" },
  { path: ["replica"], reason: "each server can become the primary: postgresql.primary has the resources of all" },
  {
    path: ["passwordVersion", "repl_user"],
    reason: "servers log in to each other with certificates, which the operator renews",
  },
];

const onlyCloudNativePg: readonly Belongs[] = [
  { path: ["instances"], reason: "there are always two servers" },
  { path: ["synchronousReplicas"], reason: "the replica is always asynchronous" },
  { path: ["spread"], reason: "its servers are always spread over nodes if possible" },
  { path: ["backup"], reason: "only CloudNativePG archives WAL and takes base backups" },
  { path: ["recovery"], reason: "only CloudNativePG recovers from backups" },
  { path: ["active"], reason: "only CloudNativePG recovers from backups" },
  { path: ["retired"], reason: "only CloudNativePG recovers from backups" },
];

const valueAt = (settings: object, path: readonly string[]): unknown =>
  path.reduce<unknown>((parent, key) => (parent as Readonly<Record<string, unknown>>)[key], settings);

/** Settings that the chosen implementation ignores would mislead: refuses each that does not have its default. */
export function implementationsFit({ postgresql, objectStore }: Sections, context: z.RefinementCtx): void {
  const { implementation, instances, synchronousReplicas } = postgresql;
  const defaults = postgresqlSchema.parse({});
  for (const { path, reason } of implementation === "statefulset" ? onlyCloudNativePg : onlyStatefulSet) {
    const [given, fallback] = [valueAt(postgresql, path), valueAt(defaults, path)];
    if (JSON.stringify(given) === JSON.stringify(fallback)) continue;
    context.addIssue({
      code: "custom",
      path: ["postgresql", ...path],
      message: `has no meaning with postgresql.implementation ${implementation}: ${reason}`,
      params: { remove: true },
    });
  }
  if (implementation === "cloudnative-pg" && synchronousReplicas > 0 && synchronousReplicas > instances - 2) {
    context.addIssue({
      code: "custom",
      path: ["postgresql", "synchronousReplicas"],
      message:
        `is too many for postgresql.instances (${String(instances)}): writes would stop as soon as one replica is lost. ` +
        `It needs ${String(synchronousReplicas + 2)} servers`,
      params: { suggestion: String(Math.max(0, instances - 2)) },
    });
  }
  if (implementation === "cloudnative-pg" && objectStore.bucket === undefined) {
    backupsNeedStore(postgresql, context);
  }
}

/** Data without backups must be somebody's decision. */
function backupsNeedStore({ backup, recovery }: PostgresqlSettings, context: z.RefinementCtx): void {
  const reason = backup.enabled
    ? "postgresql.backup.enabled is true. To run without backups, set that to false"
    : "postgresql.recovery reads backups from it";
  if (!backup.enabled && Object.keys(recovery).length === 0) return;
  context.addIssue({
    code: "custom",
    path: ["objectStore", "bucket"],
    message: `is missing: ${reason}`,
    params: { suggestion: "BUCKET" },
  });
}
