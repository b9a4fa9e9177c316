import * as z from "zod";
import { nearest } from "./suggest.ts";

/** The PostgreSQL cluster that every data layer begins with. */
export const firstCluster = "nx-postgresql";

/** Suffixes that Services of the data layer and of CloudNativePG have. */
const reserved = ["primary", "replica", "rw", "ro", "r", "backup"];

const recoveredName = z.string().superRefine((name, context) => {
  const suffix = /^nx-postgresql-([a-z]([a-z0-9-]{0,30}[a-z0-9])?)$/.exec(name)?.[1];
  if (suffix === undefined) {
    context.addIssue({
      code: "custom",
      message:
        "is not a name for a recovered cluster: `nx-postgresql-`, then up to 32 lower case letters, digits and `-` that begin with a letter, such as nx-postgresql-b",
    });
  } else if (reserved.includes(suffix)) {
    context.addIssue({ code: "custom", message: `ends with \`-${suffix}\`, which a Service has: name it otherwise` });
  }
});

/** RFC 3339, with the zone: PostgreSQL would read a time without it as UTC. */
const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

const targetTime = z.string().superRefine((value, context) => {
  const problem = timeProblem(value);
  if (problem !== undefined) {
    context.addIssue({ code: "custom", message: problem.message, params: { suggestion: problem.suggestion } });
  }
});

function timeProblem(value: string): { readonly message: string; readonly suggestion?: string } | undefined {
  if (rfc3339.test(value) && !Number.isNaN(Date.parse(value))) {
    if (Date.parse(value) <= Date.now()) return undefined;
    return { message: "is in the future: nothing can be recovered to it" };
  }
  const withZone = `${value.trim().replace(" ", "T")}Z`;
  const lacksZone = rfc3339.test(withZone) && !Number.isNaN(Date.parse(withZone));
  return {
    message: lacksZone
      ? "has no time zone: add Z for UTC, or an offset such as +02:00"
      : "is not a time in RFC 3339 format, such as 2026-01-15T10:30:00Z",
    ...(lacksZone && { suggestion: withZone }),
  };
}

const targets = ["targetTime", "targetLsn", "latest"] as const;

const recovery = z
  .strictObject({
    from: z.string().describe("cluster whose backups are read"),
    targetTime: targetTime.optional().describe("the last moment to recover, in RFC 3339 format with its zone"),
    targetLsn: z
      .string()
      .regex(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i, "is not a log sequence number, such as 0/5000060")
      .optional()
      .describe("the last position of the WAL to recover"),
    latest: z.literal(true).optional().describe("recover all that is archived"),
  })
  .superRefine((given, context) => {
    const set = targets.filter((target) => given[target] !== undefined);
    if (set.length === 1) return;
    const [first, second] = set;
    context.addIssue(
      first === undefined || second === undefined
        ? {
            code: "custom",
            path: ["targetTime"],
            message: "is missing: set it, or targetLsn, or latest to true",
            params: { suggestion: "2026-01-15T10:30:00Z" },
          }
        : {
            code: "custom",
            path: [second],
            message: `is set together with ${first}: a recovery has one target`,
            params: { remove: true },
          },
    );
  });

/** Settings of `postgresql` that say which PostgreSQL clusters exist, and which one the applications use. */
export const clusterSettings = {
  recovery: z
    .record(recoveredName, recovery)
    .describe(
      "PostgreSQL clusters made from backups, by name: `{from, targetTime | targetLsn | latest}`. Each runs beside the cluster it was made from. See docs/backups.md",
    )
    .default({}),
  active: z
    .string()
    .describe("PostgreSQL cluster that applications use; a change moves the Services and the poolers to it")
    .default(firstCluster),
  retired: z
    .record(z.string(), z.enum(["stopped", "deleted"]))
    .describe(
      "PostgreSQL clusters that are no longer needed, by name: first `stopped`, which keeps the volumes, then, in a later update, `deleted`. The backups stay",
    )
    .default({}),
};

interface ClusterSettings {
  readonly recovery: Readonly<Record<string, { readonly from: string }>>;
  readonly active: string;
  readonly retired: Readonly<Record<string, "stopped" | "deleted">>;
}

/** The names of all PostgreSQL clusters that the settings mention, deleted ones too. */
export const clusterNames = ({ recovery: made }: Pick<ClusterSettings, "recovery">): readonly string[] => [
  firstCluster,
  ...Object.keys(made),
];

/** Refuses names of clusters that do not exist, and to retire the one that applications use. */
export function clustersFit(given: ClusterSettings, context: z.core.$RefinementCtx): void {
  const known = clusterNames(given);
  const unknown = (path: readonly string[], name: string, remove = false) => {
    const similar = nearest(name, known);
    context.addIssue({
      code: "custom",
      path: [...path],
      message: `is not a PostgreSQL cluster of these settings: ${known.join(", ")}`,
      params: remove ? { remove } : { suggestion: similar ?? known.at(-1) },
    });
  };
  for (const [name, { from }] of Object.entries(given.recovery)) {
    if (!known.includes(from)) unknown(["recovery", name, "from"], from);
    else if (originsOf(name, given).includes(name)) {
      context.addIssue({
        code: "custom",
        path: ["recovery", name, "from"],
        message: "leads back to the cluster itself: a cluster is made from the backups of another one",
        params: { suggestion: firstCluster },
      });
    }
  }
  if (!known.includes(given.active)) unknown(["active"], given.active);
  for (const name of Object.keys(given.retired)) {
    if (!known.includes(name)) unknown(["retired", name], name, true);
    else if (name === given.active) {
      context.addIssue({
        code: "custom",
        path: ["retired", name],
        message:
          "is retired, but postgresql.active: applications use it. Set postgresql.active to another cluster first",
        params: { remove: true },
      });
    }
  }
}

/** The clusters from whose backups a cluster was made, directly or not. */
function originsOf(name: string, { recovery: made }: Pick<ClusterSettings, "recovery">): string[] {
  const origins: string[] = [];
  for (let from = made[name]?.from; from !== undefined && !origins.includes(from); from = made[from]?.from) {
    origins.push(from);
  }
  return origins;
}
