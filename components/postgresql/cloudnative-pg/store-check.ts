import type * as pulumi from "@pulumi/pulumi";
import type { NodePool, ObjectStoreInUse, PostgresqlBackupSettings } from "../../../settings.ts";
import { caKey } from "../../object-store/rclone.ts";
import { configFiles, secretFiles } from "../../pod.ts";
import type { EnvironmentValue, JobPodArgs } from "../../pod.ts";
import { directory, storeEnvironment } from "./backup-store.ts";
import { storeCheck } from "./endpoints.ts";

/** The Job that writes to the object store before anything depends on it. */
export const check = {
  name: storeCheck.pods["app.kubernetes.io/name"],
  script: "check-object-store.py",
  /** Seconds; all attempts of a store that does not answer take two minutes. */
  deadline: 300,
} as const;

const mounts = { scripts: "/scripts", login: "/login" } as const;
const ca = "/ca";

export interface StoreCheckArgs {
  readonly store: ObjectStoreInUse;
  readonly settings: PostgresqlBackupSettings;
  readonly image: string;
  readonly pool: NodePool;
  /** ID of this data layer. */
  readonly owner: pulumi.Input<string>;
  /** Name of the Secret with the store's login. */
  readonly secret: string;
  readonly checksums: JobPodArgs["checksums"];
}

/** The pod of the Job. It needs what the sidecar of each instance needs, and fails with the reason in plain words. */
export function storeCheckPod({ store, settings, owner, secret, ...args }: StoreCheckArgs): JobPodArgs {
  const { bucket, endpoint, caSecret, takeOver } = store;
  const { encryption, kmsKeyId } = settings;
  const optional: Readonly<Record<string, string | undefined>> = {
    ENDPOINT: endpoint,
    TAKE_OVER: takeOver,
    CA: caSecret && `${ca}/${caKey}`,
    ENCRYPTION: encryption === "bucket" ? undefined : encryption,
    KMS_KEY_ID: kmsKeyId,
  };
  const env: Readonly<Record<string, EnvironmentValue | undefined>> = {
    BUCKET: bucket,
    DIRECTORY: directory(store),
    LOGIN: mounts.login,
    OWNER: { field: "metadata.annotations['checksum/owner']" },
    ...storeEnvironment(store),
    ...optional,
  };
  return {
    labels: storeCheck.pods,
    checksums: { ...args.checksums, owner },
    pool: args.pool,
    uid: 26,
    gracePeriod: 5,
    volumes: {
      scripts: configFiles(check.name),
      login: secretFiles(secret),
      ...(caSecret !== undefined && { ca: secretFiles(caSecret) }),
    },
    initContainers: [],
    container: {
      name: "store-check",
      image: args.image,
      command: ["python3", `${mounts.scripts}/${check.script}`],
      env: Object.fromEntries(
        Object.entries(env).filter((each): each is [string, EnvironmentValue] => each[1] !== undefined),
      ),
      mounts: { ...mounts, ...(caSecret !== undefined && { ca }) },
      resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "1", memory: "128Mi" } },
    },
  };
}
