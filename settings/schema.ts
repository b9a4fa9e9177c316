import * as z from "zod";
import { count, image, labelKey, labelValue, objectName, postgresqlSize, quantity } from "./fields.ts";
import { bytes, parseQuantity } from "./quantity.ts";

const amounts = (cpu: string, memory: string) =>
  z
    .strictObject({
      cpu: quantity().describe("cores").default(cpu),
      memory: quantity().describe("memory").default(memory),
    })
    .prefault({});

interface Amounts {
  readonly cpu: string;
  readonly memory: string;
}

/** What a container asks for and what it may take; defaults are the specification's. */
const resources = (requests: Amounts, limits: Amounts) =>
  z
    .strictObject({
      requests: amounts(requests.cpu, requests.memory).describe("set aside"),
      limits: amounts(limits.cpu, limits.memory).describe("at most"),
    })
    .superRefine((given, context) => {
      for (const resource of ["cpu", "memory"] as const) {
        const [request, limit] = [given.requests[resource], given.limits[resource]];
        if ((parseQuantity(request) ?? 0) > (parseQuantity(limit) ?? Infinity)) {
          context.addIssue({
            code: "custom",
            path: ["requests", resource],
            message: `is more than the limit of ${limit}`,
            params: { suggestion: limit },
          });
        }
      }
    })
    .prefault({});

const toleration = z.strictObject({
  key: labelKey().optional().describe("Key of the taint; every taint if left out"),
  operator: z.enum(["Equal", "Exists"]).optional().describe("Equal if left out"),
  value: labelValue().optional().describe("Value of the taint, for Equal"),
  effect: z
    .enum(["NoSchedule", "PreferNoSchedule", "NoExecute"])
    .optional()
    .describe("Effect of the taint; any if left out"),
  tolerationSeconds: count(0, 86400).optional().describe("Seconds to stay on the node, for NoExecute"),
});

const nodePool = z.strictObject({
  nodeSelector: z
    .record(labelKey(), labelValue())
    .describe("Labels a node must have; {} for any node")
    .default({ "node.kubernetes.io/pool": "stateful" }),
  tolerations: z.array(toleration).describe("Taints of the pool's nodes that its pods accept").default([]),
});

const cluster = z.strictObject({
  context: z
    .string()
    .min(1)
    .meta({ placeholder: "CONTEXT" })
    .describe("Context of the kubeconfig that everything is created in. The current context is never used unasked"),
  storageClass: objectName().describe("StorageClass of all volumes").default("csi-sc-vnpaycloud"),
  protect: z.boolean().describe("Refuse to delete or replace namespaces and volumes").default(true),
});

const images = z.strictObject({
  registry: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.:/_-]*[a-z0-9]$/, "is not a registry address, such as registry.example.com/mirror")
    .optional()
    .describe("Registry or mirror that is put in front of every image"),
  postgresql: image().describe("PostgreSQL 17: primary and replica").default("postgres:17-alpine"),
  pgbouncer: image()
    .describe("PgBouncer. The specification pins 1.24.1; its known vulnerabilities are fixed in 1.25.2")
    .default("ghcr.io/icoretech/pgbouncer-docker:1.24.1"),
});

const version = (role: string) =>
  count(1, 1_000_000)
    .describe(`Raise it to give \`${role}\` a new password everywhere with the next \`pulumi up\``)
    .default(1);

const postgresql = z
  .strictObject({
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
        postgres: version("postgres"),
        nx_seller_operator: version("nx_seller_operator"),
        repl_user: version("repl_user"),
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

const pgbouncer = z.strictObject({
  replicas: count(1, 50).describe("Number of pods").default(1),
  resources: resources({ cpu: "100m", memory: "256Mi" }, { cpu: "500m", memory: "512Mi" }).describe(
    "Resources of a pod",
  ),
  maxClientConnections: count(1, 100_000).describe("`max_client_conn`").default(200),
  defaultPoolSize: count(1, 10_000).describe("`default_pool_size`").default(20),
  minPoolSize: count(0, 10_000).describe("`min_pool_size`").default(5),
  reservePoolSize: count(0, 10_000).describe("`reserve_pool_size`").default(5),
  maxDatabaseConnections: count(1, 10_000).describe("`max_db_connections`").default(50),
});

/** All settings of the data layer. The configuration reference in docs/ is made from it. */
export const settingsSchema = z.strictObject({
  cluster: cluster.describe("The Kubernetes cluster").prefault({} as z.input<typeof cluster>),
  nodePools: z
    .strictObject({ stateful: nodePool.describe("Nodes of the data stores").prefault({}) })
    .describe("Where pods may run")
    .prefault({}),
  images: images.describe("Container images").prefault({}),
  postgresql: postgresql.describe("PostgreSQL").prefault({}),
  pgbouncer: pgbouncer.describe("PgBouncer").prefault({}),
});

export type Settings = z.output<typeof settingsSchema>;
export type PostgresqlSettings = Settings["postgresql"];
export type PgBouncerSettings = Settings["pgbouncer"];
export type NodePool = Settings["nodePools"]["stateful"];
export type ResourceSettings = PostgresqlSettings["primary"];
