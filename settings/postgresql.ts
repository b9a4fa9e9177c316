import * as z from "zod";
import { count, postgresqlSize, quantity } from "./fields.ts";
import { passwordVersion } from "./passwords.ts";
import { bytes, parseQuantity } from "./quantity.ts";
import { resources } from "./resources.ts";

/** The two servers, each a StatefulSet, by the roles they have at first. */
export const serverNames = ["nx-postgresql-primary", "nx-postgresql-replica"] as const;

export type ServerName = (typeof serverNames)[number];

export const postgresql = z
  .strictObject({
    primaryServer: z
      .enum(serverNames)
      .describe(
        "Server that is written to; the other one is its standby. Changed, the roles change: the primary steps down, and the standby is promoted when it has all that was committed",
      )
      .default(serverNames[0]),
    otherServerLost: z
      .boolean()
      .describe(
        "The other server is out of order: it is switched off, and `primaryServer` is promoted without asking it. What it has not handed over is lost",
      )
      .default(false),
    storage: quantity().describe("Size of each volume; may grow, never shrink").default("20Gi"),
    maxSlotWalKeepSize: postgresqlSize()
      .describe("WAL kept for a replica that is away; at most half of `storage`, or it would fill the primary's disk")
      .default("8GB"),
    walKeepSize: postgresqlSize().describe("WAL kept in any case").default("512MB"),
    sharedBuffers: postgresqlSize().describe("`shared_buffers`").default("512MB"),
    effectiveCacheSize: postgresqlSize().describe("`effective_cache_size`").default("1536MB"),
    workMem: postgresqlSize().describe("`work_mem`").default("8MB"),
    maintenanceWorkMem: postgresqlSize().describe("`maintenance_work_mem`").default("128MB"),
    maxConnections: count(20, 10_000).describe("`max_connections`, of primary and replica").default(100),
    primary: resources({ cpu: "500m", memory: "1Gi" }, { cpu: "2", memory: "4Gi" }).describe(
      "Resources of the primary",
    ),
    replica: resources({ cpu: "250m", memory: "512Mi" }, { cpu: "1", memory: "2Gi" }).describe(
      "Resources of the replica",
    ),
    passwordVersion: z
      .strictObject({
        postgres: passwordVersion("postgres"),
        nx_seller_operator: passwordVersion("nx_seller_operator"),
        repl_user: passwordVersion("repl_user"),
      })
      .prefault({}),
  })
  .superRefine((given, context) => {
    const room = parseQuantity(given.storage) ?? 0;
    if ((bytes(given.maxSlotWalKeepSize) ?? 0) > room / 2) {
      const half = `${String(Math.max(1, Math.floor(room / 2 / 2 ** 20)))}MB`;
      context.addIssue({
        code: "custom",
        path: ["maxSlotWalKeepSize"],
        message: `is more than half of postgresql.storage (${given.storage}): a replica that is away would fill the primary's disk`,
        params: { suggestion: half },
      });
    }
    for (const role of ["primary", "replica"] as const) {
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
