import type { NodePool, ObjectStoreInUse, RedisSettings } from "../../../settings.ts";
import { redisBytes } from "../../../settings/quantity.ts";
import { caFolder, directoryOf, rcloneEnvironment } from "../../object-store/rclone.ts";
import { configFiles, scratch, secretFiles } from "../../pod.ts";
import type { EnvironmentValue, InitContainerArgs, JobPodArgs } from "../../pod.ts";
import { redisBackup, redisRestore } from "../endpoint.ts";
import { host, port, secretName, uid } from "../pods.ts";

export const backupName = redisBackup.pods["app.kubernetes.io/name"];
export const restoreName = redisRestore.pods["app.kubernetes.io/name"];

const scripts = "/scripts";
const credentials = "/credentials";
const folder = "/backup";

export interface BackupPodArgs {
  readonly settings: RedisSettings;
  readonly store: ObjectStoreInUse;
  /** Name of the Secret with the object store's login. */
  readonly login: string;
  readonly image: string;
  readonly rcloneImage: string;
  readonly pool: NodePool;
}

/** The directory of the backups, with the bucket. */
export const directory = (store: ObjectStoreInUse): string => directoryOf(store, "redis");

/** A dump has at most `maxmemory` of each master, and a restore needs little beside it. */
function space({ masters, maxmemory }: RedisSettings): string {
  const mebibytes = Math.ceil(((redisBytes(maxmemory) ?? 0) * masters) / 2 ** 20);
  return `${String(mebibytes + 64)}Mi`;
}

function pod(args: BackupPodArgs, labels: JobPodArgs["labels"]) {
  const { settings, store, pool } = args;
  return {
    labels,
    checksums: {},
    pool,
    uid,
    gracePeriod: 5,
    keepFailed: true,
    volumes: {
      scripts: configFiles(backupName),
      credentials: secretFiles(secretName),
      backup: scratch(space(settings)),
      ...(store.caSecret !== undefined && { ca: secretFiles(store.caSecret) }),
    },
  };
}

/** A container with Redis's programs. */
const redisContainer = (
  name: string,
  { image, settings }: BackupPodArgs,
  env: Readonly<Record<string, EnvironmentValue>> = {},
): InitContainerArgs => ({
  name,
  image,
  command: ["sh", `${scripts}/${name}.sh`],
  env: { HOST: host, PORT: String(port), CREDENTIALS: credentials, BACKUP: folder, ...env },
  mounts: { scripts, credentials, backup: folder },
  // A restore loads one master's keys at a time.
  resources: {
    requests: { cpu: "50m", memory: "64Mi" },
    limits: { cpu: "1", memory: settings.resources.limits.memory },
  },
});

/** A container that copies from or to the object store. */
const storeContainer = (
  name: string,
  { rcloneImage, store, login }: BackupPodArgs,
  env: Readonly<Record<string, EnvironmentValue>>,
): InitContainerArgs => ({
  name,
  image: rcloneImage,
  command: ["sh", `${scripts}/${name}.sh`],
  env: { BACKUP: folder, DIRECTORY: directory(store), ...rcloneEnvironment(store, login), ...env },
  mounts: { scripts, backup: folder, ...(store.caSecret !== undefined && { ca: caFolder }) },
  resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "1", memory: "256Mi" } },
});

/** The pod that makes a backup. */
export const backupPod = (args: BackupPodArgs): JobPodArgs => ({
  ...pod(args, redisBackup.pods),
  initContainers: [redisContainer("dump", args)],
  container: storeContainer("upload", args, {
    RETENTION: String(args.settings.backup.retention),
    // The kubelet reads it into the pod's status.
    RESULT: "/dev/termination-log",
  }),
});

/** The pod that restores one. `npm run restore` sets the variables FROM and INTO_EXISTING. */
export const restorePod = (args: BackupPodArgs): JobPodArgs => ({
  ...pod(args, redisRestore.pods),
  initContainers: [storeContainer("download", args, { FROM: "latest" })],
  container: redisContainer("restore", args, { INTO_EXISTING: "false" }),
});
