import type { Resource } from "@pulumi/pulumi";
import type { NodePool, ObjectStoreInUse } from "../../settings.ts";
import { readFiles } from "../config-files.ts";
import type { Files } from "../config-files.ts";
import { configFiles, secretFiles } from "../pod.ts";
import type { EnvironmentValue, InitContainerArgs, JobPodArgs } from "../pod.ts";
import { caFolder, directoryOf, rcloneEnvironment } from "./rclone.ts";

/** Folder of the scripts in the containers of Jobs that copy backups. */
export const scripts = "/scripts";

/** Scripts of {@link storeContainer}. */
export const transferScripts = (): Files => readFiles(import.meta.dirname, ["upload.sh", "download.sh"]);

/** Where the backups of a store are. */
export interface Transfer {
  readonly objectStore: ObjectStoreInUse;
  /** Name of the Secret with the object store's login. */
  readonly login: string;
  readonly rcloneImage: string;
}

/** Where the backups of a store go, before it has a Secret with the login. */
export interface Destination extends Omit<Transfer, "login"> {
  /** Created when the object store has accepted the login: until then, a working one must not be replaced. */
  readonly checked: readonly Resource[];
}

/** The volume that {@link storeContainer} needs for a store with a private certificate authority. */
const caVolume = ({ caSecret }: ObjectStoreInUse): JobPodArgs["volumes"] =>
  caSecret === undefined ? {} : { ca: secretFiles(caSecret) };

/** What the pods of a store's backups and restores have in common. */
export interface TransferPodArgs extends Pick<Transfer, "objectStore"> {
  readonly labels: JobPodArgs["labels"];
  readonly pool: NodePool;
  readonly uid: number;
  /** ConfigMap of their scripts. */
  readonly scriptsName: string;
  readonly volumes: JobPodArgs["volumes"];
}

/** A pod that runs {@link storeContainer}, still without containers. */
export const transferPod = ({ objectStore, labels, pool, uid, scriptsName, volumes }: TransferPodArgs) => ({
  ...{ labels, checksums: {}, pool, uid, gracePeriod: 5, keepFailed: true },
  volumes: { scripts: configFiles(scriptsName), ...volumes, ...caVolume(objectStore) },
});

export interface StoreContainerArgs extends Transfer {
  /** "redis": its directory in the object store. */
  readonly store: string;
  readonly name: string;
  /** Folder of the backup in the container. */
  readonly folder: string;
  readonly mounts: InitContainerArgs["mounts"];
  readonly env: Readonly<Record<string, EnvironmentValue>>;
}

/** A container that copies from or to the object store: it runs the script of its name. */
export function storeContainer(args: StoreContainerArgs): InitContainerArgs {
  const { objectStore, login, rcloneImage, store, name, folder, mounts, env } = args;
  return {
    name,
    image: rcloneImage,
    command: ["sh", `${scripts}/${name}.sh`],
    env: {
      BACKUP: folder,
      DIRECTORY: directoryOf(objectStore, store),
      ...rcloneEnvironment(objectStore, login),
      ...env,
    },
    mounts: { scripts, ...mounts, ...(objectStore.caSecret !== undefined && { ca: caFolder }) },
    resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "1", memory: "256Mi" } },
  };
}

/** The container `upload`, the last one of a backup's pod. */
export const uploadContainer = (
  args: Transfer & Pick<StoreContainerArgs, "store" | "folder" | "mounts"> & { readonly retention: number },
): InitContainerArgs =>
  storeContainer({
    ...args,
    name: "upload",
    // The kubelet reads the result into the pod's status.
    env: { RETENTION: String(args.retention), RESULT: "/dev/termination-log" },
  });
