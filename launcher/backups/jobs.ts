/** What is known about backups that Jobs make, as a report. Without I/O. */
import { backupAnnotations } from "../../components/object-store/annotations.ts";
import { redisBackup, redisRestore } from "../../components/redis/endpoint.ts";
import { typesenseBackup, typesenseRestore } from "../../components/typesense/endpoint.ts";
import { duration, seconds } from "./duration.ts";
import { newestFirst } from "./report.ts";
import type { BaseBackup, ServerReport } from "./report.ts";

const HOUR = 3600;

/** Default of `backup.maxAge`, for a CronJob without the annotation. */
const defaultMaxAge = 26;

interface Metadata {
  readonly name: string;
  readonly creationTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface CronJobObject {
  readonly metadata: Metadata;
}

export interface JobObject {
  readonly metadata: Metadata;
  readonly status?: {
    readonly startTime?: string;
    readonly completionTime?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

export interface PodObject {
  readonly metadata: Metadata;
  readonly status?: {
    readonly containerStatuses?: readonly {
      readonly state?: { readonly terminated?: { readonly exitCode: number; readonly message?: string } };
    }[];
  };
}

/** A store whose backups Jobs make. */
export interface JobStore {
  readonly store: string;
  readonly server: string;
  readonly setting: string;
  readonly backup: { readonly namespace: string; readonly pods: { readonly [label]: string } };
  readonly restore: JobStore["backup"];
}

const label = "app.kubernetes.io/name";

export const jobStores: readonly JobStore[] = [
  {
    ...{ store: "Redis", server: "nx-redis", setting: "redis.backup.maxAge" },
    ...{ backup: redisBackup, restore: redisRestore },
  },
  {
    ...{ store: "Typesense", server: "nx-typesense", setting: "typesense.backup.maxAge" },
    ...{ backup: typesenseBackup, restore: typesenseRestore },
  },
];

/** All that is known about the backups of a store at one moment: objects of its namespace. */
export interface JobBackups {
  readonly store: JobStore;
  readonly cronJobs: readonly CronJobObject[];
  readonly jobs: readonly JobObject[];
  readonly pods: readonly PodObject[];
}

/** The backup's name: the Job's pod left it as its last message. */
function nameOf(job: JobObject, pods: readonly PodObject[]): string {
  const messages = pods
    .filter(({ metadata }) => metadata.labels?.["batch.kubernetes.io/job-name"] === job.metadata.name)
    .flatMap(({ status }) => status?.containerStatuses ?? [])
    .map(({ state }) => (state?.terminated?.exitCode === 0 ? state.terminated.message?.trim() : undefined));
  return messages.find((message) => message !== undefined) ?? job.metadata.name;
}

function backupOf(job: JobObject, pods: readonly PodObject[]): BaseBackup {
  const { startTime, completionTime, conditions = [] } = job.status ?? {};
  const is = (type: string) => conditions.find((each) => each.type === type && each.status === "True");
  const failure = is("Failed");
  return {
    name: nameOf(job, pods),
    ...(startTime !== undefined && { started: startTime }),
    ...(startTime !== undefined && completionTime !== undefined && { seconds: seconds(startTime, completionTime) }),
    state: failure ? "failed" : is("Complete") ? "completed" : "running",
    ...(failure && { error: failure.message ?? "no reason is known" }),
  };
}

/**
 * A report, or none if the store has no backups.
 * @param now milliseconds since 1970
 * @param kubectl the command line that runs kubectl on the cluster, for messages
 */
export function jobReports(
  { store: of, cronJobs, jobs, pods }: JobBackups,
  now: number,
  kubectl: string,
): ServerReport[] {
  const { store, server, setting, backup } = of;
  const name = backup.pods[label];
  const cronJob = cronJobs.find(({ metadata }) => metadata.name === name);
  if (cronJob === undefined) return [];
  const { creationTimestamp, annotations = {} } = cronJob.metadata;
  const backups = jobs
    .filter(({ metadata }) => metadata.labels?.[label] === name)
    .map((job) => backupOf(job, pods))
    .sort(newestFirst);
  const maxAge = Number(annotations[backupAnnotations.maxAge] ?? defaultMaxAge) * HOUR;
  const show = `See: ${kubectl} logs --namespace ${backup.namespace} --selector ${label}=${name} --all-containers --tail 5`;
  const problems: string[] = [];
  const ended = backups.find(({ state }) => state !== "running");
  if (ended?.state === "failed") problems.push(`the last backup failed: ${ended.error ?? ""}. ${show}`);
  const completed = backups.find(({ state }) => state === "completed");
  const since = completed?.started ?? creationTimestamp;
  const age = since === undefined ? 0 : seconds(since, now);
  if (age > maxAge) {
    const limit = `${setting} (${duration(maxAge)})`;
    problems.push(
      completed
        ? `the last backup is ${duration(age)} old, more than ${limit}. ${show}`
        : `there is no backup for longer than ${limit}: nothing can be restored. ${show}`,
    );
  }
  return [
    {
      ...{ store, server, state: "running", restores: "each backup" },
      place: annotations[backupAnnotations.place] ?? "",
      backups,
      problems,
    },
  ];
}
