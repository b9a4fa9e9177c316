import type { NodePool, TypesenseSettings } from "../../../settings.ts";
import { serviceHost } from "../../names.ts";
import { scripts, storeContainer, transferPod, uploadContainer } from "../../object-store/transfer.ts";
import type { Transfer } from "../../object-store/transfer.ts";
import { claimed, scratch } from "../../pod.ts";
import type { InitContainerArgs, JobPodArgs } from "../../pod.ts";
import { claimOf, snapshots, typesense, typesenseBackup, typesenseRestore } from "../endpoint.ts";
import { backupFolder, data, headless, key, name, snapshotUser, uid } from "../pods.ts";

export const backupName = typesenseBackup.pods["app.kubernetes.io/name"];
export const restoreName = typesenseRestore.pods["app.kubernetes.io/name"];

/** Directory in the object store. */
export const store = "typesense";

/** All nodes have the same data. */
const node = `${name}-0.${serviceHost(headless, typesense.namespace)}`;
const folder = "/backup";

export interface BackupPodArgs extends Transfer {
  readonly settings: TypesenseSettings;
  readonly image: string;
  readonly pool: NodePool;
}

const pod = ({ objectStore, pool }: BackupPodArgs, labels: JobPodArgs["labels"], volumes: JobPodArgs["volumes"]) =>
  transferPod({ objectStore, labels, pool, uid, scriptsName: backupName, volumes });

/** Folder of the snapshot on the node: another one for each attempt. */
const snapshot = { NAME: { field: "metadata.name" } };

/** The container that has the node write a snapshot. */
const snapshotContainer = ({ image }: BackupPodArgs): InitContainerArgs => ({
  name: "snapshot",
  image,
  command: ["bash", `${scripts}/snapshot.sh`],
  env: { NODE: node, TYPESENSE_API_KEY: key, FOLDER: backupFolder, ...snapshot },
  mounts: { scripts },
  resources: { requests: { cpu: "50m", memory: "32Mi" }, limits: { cpu: "1", memory: "64Mi" } },
});

/** The container that fetches the snapshot. */
const fetchContainer = (args: BackupPodArgs): InitContainerArgs =>
  storeContainer({
    ...args,
    ...{ store, folder, name: "fetch", mounts: { backup: folder } },
    env: {
      RCLONE_CONFIG_NODE_TYPE: "webdav",
      RCLONE_CONFIG_NODE_URL: `http://${node}:${String(snapshots.ports.snapshots)}`,
      RCLONE_CONFIG_NODE_USER: snapshotUser,
      PASSWORD: key,
      ...snapshot,
    },
  });

/** The pod that makes a backup. */
export function backupPod(args: BackupPodArgs): JobPodArgs {
  const { backup, storage } = args.settings;
  return {
    ...pod(args, typesenseBackup.pods, { backup: scratch(storage) }),
    initContainers: [snapshotContainer(args), fetchContainer(args)],
    container: uploadContainer({ ...args, store, folder, mounts: { backup: folder }, retention: backup.retention }),
  };
}

/** The pod that restores one node, whose volume it has. `npm run restore` sets the variable FROM and the claim. */
export function restorePod(args: BackupPodArgs): JobPodArgs {
  const container = { ...args, store, folder: backupFolder, mounts: { data } };
  return {
    ...pod(args, typesenseRestore.pods, { data: claimed(claimOf(0)) }),
    initContainers: [storeContainer({ ...container, name: "download", env: { FROM: "latest" } })],
    container: storeContainer({ ...container, name: "restore", env: { DATA: data } }),
  };
}
