import { database, roles } from "../names.ts";
import type { Bootstrap, ExternalCluster } from "./api.ts";
import { barmanPlugin, objectStoreName } from "./backup-store.ts";
import type { ClusterBackup } from "./cluster.ts";
import type { PlannedCluster } from "./clusters.ts";

type Recovery = NonNullable<PlannedCluster["recovery"]>;

/** RFC 3339 allows other spellings than the operator reads. */
const canonical = (time: string) => time.replace(/[t ]/, "T").replace(/z$/, "Z");

function recoveryTarget({ targetTime, targetLsn }: Recovery) {
  if (targetTime !== undefined) return { targetTime: canonical(targetTime) };
  if (targetLsn !== undefined) return { targetLSN: targetLsn.toUpperCase() };
  return undefined;
}

/**
 * What archives a cluster's WAL, and where its data comes from. Each cluster has a directory of its own in the store,
 * named after it: two servers that archive into one would destroy each other's backups.
 *
 * @param appSecret name of the Secret with the application's login, which replaces the one in the backup
 */
export function clusterBackup(
  { name, recovery }: Pick<PlannedCluster, "name" | "recovery">,
  { archives, appSecret }: { readonly archives: boolean; readonly appSecret: string },
): ClusterBackup {
  return {
    ...(archives && {
      plugins: [
        {
          name: barmanPlugin,
          enabled: true,
          isWALArchiver: true,
          parameters: { barmanObjectName: objectStoreName, serverName: name },
        },
      ],
    }),
    ...(recovery && { bootstrap: bootstrap(recovery, appSecret), externalClusters: [source(recovery)] }),
  };
}

function bootstrap(recovery: Recovery, appSecret: string): Bootstrap {
  const target = recoveryTarget(recovery);
  return {
    recovery: {
      source: recovery.from,
      database,
      owner: roles.app,
      secret: { name: appSecret },
      ...(target && { recoveryTarget: target }),
    },
  };
}

const source = ({ from }: Recovery): ExternalCluster => ({
  name: from,
  plugin: { name: barmanPlugin, parameters: { barmanObjectName: objectStoreName, serverName: from } },
});
