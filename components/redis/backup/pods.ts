import type { NodePool, RedisSettings } from "../../../settings.ts";
import { redisBytes } from "../../../settings/quantity.ts";
import { scripts, storeContainer, transferPod, uploadContainer } from "../../object-store/transfer.ts";
import type { Transfer } from "../../object-store/transfer.ts";
import { scratch, secretFiles } from "../../pod.ts";
import type { EnvironmentValue, InitContainerArgs, JobPodArgs } from "../../pod.ts";
import { redisBackup, redisRestore } from "../endpoint.ts";
import { host, port, secretName, uid } from "../pods.ts";

export const backupName = redisBackup.pods["app.kubernetes.io/name"];
export const restoreName = redisRestore.pods["app.kubernetes.io/name"];

/** Directory in the object store. */
export const store = "redis";

const credentials = "/credentials";
const folder = "/backup";
const mounts = { backup: folder };

export interface BackupPodArgs extends Transfer {
  readonly settings: RedisSettings;
  readonly image: string;
  readonly pool: NodePool;
}

/** A dump has at most `maxmemory` of each master, and a restore needs little beside it. */
function space({ masters, maxmemory }: RedisSettings): string {
  const mebibytes = Math.ceil(((redisBytes(maxmemory) ?? 0) * masters) / 2 ** 20);
  return `${String(mebibytes + 64)}Mi`;
}

const pod = ({ settings, objectStore, pool }: BackupPodArgs, labels: JobPodArgs["labels"]) =>
  transferPod({
    ...{ objectStore, labels, pool, uid, scriptsName: backupName },
    volumes: { credentials: secretFiles(secretName), backup: scratch(space(settings)) },
  });

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

/** The pod that makes a backup. */
export const backupPod = (args: BackupPodArgs): JobPodArgs => ({
  ...pod(args, redisBackup.pods),
  initContainers: [redisContainer("dump", args)],
  container: uploadContainer({ ...args, store, folder, mounts, retention: args.settings.backup.retention }),
});

/** The pod that restores one. `npm run restore` sets the variables FROM and INTO_EXISTING. */
export const restorePod = (args: BackupPodArgs): JobPodArgs => ({
  ...pod(args, redisRestore.pods),
  initContainers: [storeContainer({ ...args, store, folder, mounts, name: "download", env: { FROM: "latest" } })],
  container: redisContainer("restore", args, { INTO_EXISTING: "false" }),
});
