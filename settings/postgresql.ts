import * as z from "zod";
import { count, postgresqlSize, quantity } from "./fields.ts";
import { passwordVersion } from "./passwords.ts";
import { postgresqlBackup } from "./postgresql-backup.ts";
import { clustersFit, clusterSettings } from "./postgresql-recovery.ts";
import { bytes, parseQuantity } from "./quantity.ts";
import { resources } from "./resources.ts";

const defaultInstances = 3;
const defaultSynchronousReplicas = 1;

/** The two servers, each a StatefulSet, named after their initial roles. */
export const serverNames = ["nx-postgresql-primary", "nx-postgresql-replica"] as const;

export type ServerName = (typeof serverNames)[number];

/** What can run PostgreSQL. */
export const postgresqlImplementations = ["statefulset", "cloudnative-pg"] as const;

export const postgresql = z
  .strictObject({
    implementation: z
      .enum(postgresqlImplementations)
      .describe(
        "What runs PostgreSQL: StatefulSets of this program, one primary and one replica; or a cluster of the operator CloudNativePG, with failover. It cannot be changed once there is data: docs/operations.md describes the move",
      )
      .default("statefulset"),
    instances: count(1, 20)
      .describe("Number of servers, one of which is the primary. Only with `cloudnative-pg`")
      .default(defaultInstances),
    synchronousReplicas: count(0, 18)
      .describe(
        "Number of replicas that must have a commit before it is acknowledged, any of them. With 1, a failover loses no acknowledged commit, and writes stop while no replica is reachable; 0 replicates asynchronously. Only with `cloudnative-pg`",
      )
      .default(defaultSynchronousReplicas),
    spread: z
      .enum(["required", "preferred"])
      .describe(
        "Whether every server must have a node of its own, or only if possible. In both cases servers are spread over zones if possible. Only with `cloudnative-pg`",
      )
      .default("required"),
    primaryServer: z
      .enum(serverNames)
      .describe(
        "Only with `statefulset`: server that is the primary; the other one is the standby. A change switches the roles: the primary steps down, and the standby is promoted after it has received all commits",
      )
      .default(serverNames[0]),
    otherServerLost: z
      .boolean()
      .describe(
        "Only with `statefulset`: set it when the other server is lost: stops that server and force-promotes `primaryServer`, which loses what was not replicated",
      )
      .default(false),
    storage: quantity().describe("Size of each volume; can be increased, cannot be decreased").default("20Gi"),
    maxSlotWalKeepSize: postgresqlSize()
      .describe(
        "`max_slot_wal_keep_size`: WAL kept for a replica that is down; at most half of `storage`, to keep the volume from filling",
      )
      .default("8GB"),
    walKeepSize: postgresqlSize().describe("`wal_keep_size`: WAL always kept").default("512MB"),
    sharedBuffers: postgresqlSize().describe("`shared_buffers`").default("512MB"),
    effectiveCacheSize: postgresqlSize().describe("`effective_cache_size`").default("1536MB"),
    workMem: postgresqlSize().describe("`work_mem`").default("8MB"),
    maintenanceWorkMem: postgresqlSize().describe("`maintenance_work_mem`").default("128MB"),
    maxConnections: count(20, 10_000).describe("`max_connections` of primary and replica").default(100),
    primary: resources(
      "the primary; with `cloudnative-pg` of every server",
      { cpu: "500m", memory: "1Gi" },
      { cpu: "2", memory: "4Gi" },
    ),
    replica: resources(
      "the replica, with `statefulset`",
      { cpu: "250m", memory: "512Mi" },
      { cpu: "1", memory: "2Gi" },
    ),
    backup: postgresqlBackup.prefault({}),
    ...clusterSettings,
    passwordVersion: z
      .strictObject({
        postgres: passwordVersion("postgres"),
        nx_seller_operator: passwordVersion("nx_seller_operator"),
        repl_user: passwordVersion("repl_user"),
      })
      .prefault({}),
  })
  .superRefine(clustersFit)
  .superRefine((given, context) => {
    const room = parseQuantity(given.storage) ?? 0;
    if ((bytes(given.maxSlotWalKeepSize) ?? 0) > room / 2) {
      const half = `${String(Math.max(1, Math.floor(room / 2 / 2 ** 20)))}MB`;
      context.addIssue({
        code: "custom",
        path: ["maxSlotWalKeepSize"],
        message: `is more than half of postgresql.storage (${given.storage}): retained WAL could fill the volume`,
        params: { suggestion: half },
      });
    }
    const roles = given.implementation === "statefulset" ? (["primary", "replica"] as const) : (["primary"] as const);
    for (const role of roles) {
      if ((bytes(given.sharedBuffers) ?? 0) > (parseQuantity(given[role].limits.memory) ?? 0) / 2) {
        context.addIssue({
          code: "custom",
          path: ["sharedBuffers"],
          message: `is more than half of the ${role}'s memory limit (${given[role].limits.memory})`,
        });
      }
    }
  });

export type PostgresqlSettings = z.output<typeof postgresql>;
