import type { ObjectStoreInUse } from "../../settings.ts";
import type { EnvironmentValue } from "../pod.ts";
import { loginKeys } from "./login.ts";

/** Folder for the Secret `objectStore.caSecret`. */
export const caFolder = "/ca";

/** Key of `objectStore.caSecret`. */
export const caKey = "ca.crt";

/** The directory of a store's backups, as rclone names it: with the bucket. */
export const directoryOf = ({ bucket, path }: ObjectStoreInUse, store: string): string =>
  [bucket, path, store].filter((part) => part !== "").join("/");

/**
 * Makes the object store rclone's remote `store`.
 * @param secret name of the Secret with the login, in the pod's namespace
 */
export function rcloneEnvironment(store: ObjectStoreInUse, secret: string): Readonly<Record<string, EnvironmentValue>> {
  const { endpoint, region, caSecret } = store;
  return {
    // No configuration file: the root file system is read-only.
    RCLONE_CONFIG: "",
    RCLONE_CONFIG_STORE_TYPE: "s3",
    RCLONE_CONFIG_STORE_PROVIDER: endpoint === undefined ? "AWS" : "Other",
    RCLONE_CONFIG_STORE_REGION: region,
    ...(endpoint !== undefined && { RCLONE_CONFIG_STORE_ENDPOINT: endpoint }),
    // The login need not be allowed to create buckets.
    RCLONE_CONFIG_STORE_NO_CHECK_BUCKET: "true",
    RCLONE_CONFIG_STORE_ACCESS_KEY_ID: { secret, key: loginKeys.accessKeyId },
    RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY: { secret, key: loginKeys.secretAccessKey },
    ...(caSecret !== undefined && { RCLONE_CA_CERT: `${caFolder}/${caKey}` }),
    // A store that does not answer fails the pod within a minute. The Job starts another one.
    RCLONE_CONTIMEOUT: "15s",
    RCLONE_LOW_LEVEL_RETRIES: "3",
    RCLONE_RETRIES: "1",
  };
}
