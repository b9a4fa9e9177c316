/** What is known about the backups of Redis, as a report. Without I/O. */
import { backupAnnotations } from "../../components/redis/backup/redis-backups.ts";
import { redis, redisBackup } from "../../components/redis/endpoint.ts";
import { duration, seconds } from "./duration.ts";
import { newestFirst } from "./report.ts";
import type { BaseBackup, ServerReport } from "./report.ts";

const HOUR = 3600;

/** Default of `redis.backup.maxAge`, for a CronJob without the annotation. */
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

/** All that is known about the backups of Redis at one moment: objects of its namespace. */
export interface RedisBackups {
  readonly cronJobs: readonly CronJobObject[];
  readonly jobs: readonly JobObject[];
  readonly pods: readonly PodObject[];
}

const label = "app.kubernetes.io/name";
const name = redisBackup.pods[label];

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
 * A report, or none if Redis has no backups.
 * @param now milliseconds since 1970
 * @param kubectl the command line that runs kubectl on the cluster, for messages
 */
export function redisReports({ cronJobs, jobs, pods }: RedisBackups, now: number, kubectl: string): ServerReport[] {
  const cronJob = cronJobs.find(({ metadata }) => metadata.name === name);
  if (cronJob === undefined) return [];
  const { creationTimestamp, annotations = {} } = cronJob.metadata;
  const backups = jobs
    .filter(({ metadata }) => metadata.labels?.[label] === name)
    .map((job) => backupOf(job, pods))
    .sort(newestFirst);
  const maxAge = Number(annotations[backupAnnotations.maxAge] ?? defaultMaxAge) * HOUR;
  const show = `See: ${kubectl} logs --namespace ${redis.namespace} --selector ${label}=${name} --all-containers --tail 5`;
  const problems: string[] = [];
  const ended = backups.find(({ state }) => state !== "running");
  if (ended?.state === "failed") problems.push(`the last backup failed: ${ended.error ?? ""}. ${show}`);
  const completed = backups.find(({ state }) => state === "completed");
  const since = completed?.started ?? creationTimestamp;
  const age = since === undefined ? 0 : seconds(since, now);
  if (age > maxAge) {
    const limit = `redis.backup.maxAge (${duration(maxAge)})`;
    problems.push(
      completed
        ? `the last backup is ${duration(age)} old, more than ${limit}. ${show}`
        : `there is no backup for longer than ${limit}: nothing can be restored. ${show}`,
    );
  }
  return [
    {
      ...{ store: "Redis", server: "nx-redis", state: "running", restores: "each backup" },
      place: annotations[backupAnnotations.place] ?? "",
      backups,
      problems,
    },
  ];
}
