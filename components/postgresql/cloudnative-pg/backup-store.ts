import type { ObjectStoreInUse, PostgresqlBackupSettings } from "../../../settings.ts";
import type { ResourceSettings } from "../../../settings.ts";
import { loginKeys } from "../../object-store/login.ts";
import { caKey } from "../../object-store/rclone.ts";

export const barmanPlugin = "barman-cloud.cloudnative-pg.io";

/** Name of the `ObjectStore` of all PostgreSQL clusters. */
export const objectStoreName = "nx-postgresql";

/** The limits of `npm run backups`, as annotations of the `ObjectStore`: the command reads only the cluster. */
export const limitAnnotations = {
  maxAge: "bana-data-layer/max-backup-age-hours",
  maxWalAge: "bana-data-layer/max-wal-age-minutes",
} as const;

interface SecretKey {
  readonly name: string;
  readonly key: string;
}

interface Transfer {
  readonly compression?: string;
  readonly encryption?: string;
}

/** Spec of an `ObjectStore` (`barmancloud.cnpg.io/v1`), as far as this program sets it. */
export interface ObjectStoreSpec {
  readonly configuration: {
    readonly destinationPath: string;
    readonly endpointURL?: string;
    readonly endpointCA?: SecretKey;
    readonly s3Credentials: { readonly accessKeyId: SecretKey; readonly secretAccessKey: SecretKey };
    readonly data: Transfer & {
      readonly jobs: number;
      readonly immediateCheckpoint: boolean;
      readonly additionalCommandArgs?: readonly string[];
    };
    readonly wal: Transfer & {
      readonly maxParallel: number;
      readonly archiveAdditionalCommandArgs?: readonly string[];
    };
  };
  readonly retentionPolicy: string;
  readonly instanceSidecarConfiguration: {
    readonly env: readonly { readonly name: string; readonly value: string }[];
    readonly retentionPolicyIntervalSeconds: number;
    readonly resources: ResourceSettings;
  };
}

/** The directory of PostgreSQL's backups in the bucket. */
export const directory = ({ path }: Pick<ObjectStoreInUse, "path">): string =>
  [path, "postgresql"].filter((part) => part !== "").join("/");

/** What the AWS library reads from the environment. */
export function storeEnvironment({ region, endpoint }: ObjectStoreInUse): Readonly<Record<string, string>> {
  return {
    AWS_DEFAULT_REGION: region,
    // Many S3-compatible stores refuse the checksums that newer AWS libraries add to every request.
    ...(endpoint !== undefined && {
      AWS_REQUEST_CHECKSUM_CALCULATION: "when_required",
      AWS_RESPONSE_CHECKSUM_VALIDATION: "when_required",
    }),
  };
}

/** @param secret name of the Secret with the store's login */
export function objectStoreSpec(
  store: ObjectStoreInUse,
  backup: PostgresqlBackupSettings,
  secret: string,
): ObjectStoreSpec {
  const { compression, encryption, kmsKeyId, parallel, retention, resources } = backup;
  const transfer = {
    ...(compression !== "none" && { compression }),
    ...(encryption !== "bucket" && { encryption }),
  };
  const key = kmsKeyId === undefined ? undefined : [`--sse-kms-key-id=${kmsKeyId}`];
  return {
    configuration: {
      destinationPath: `s3://${store.bucket}/${directory(store)}`,
      ...(store.endpoint !== undefined && { endpointURL: store.endpoint }),
      ...(store.caSecret !== undefined && { endpointCA: { name: store.caSecret, key: caKey } }),
      s3Credentials: {
        accessKeyId: { name: secret, key: loginKeys.accessKeyId },
        secretAccessKey: { name: secret, key: loginKeys.secretAccessKey },
      },
      data: {
        ...transfer,
        jobs: parallel,
        // Otherwise a backup waits for the next scheduled checkpoint, up to checkpoint_timeout.
        immediateCheckpoint: true,
        ...(key && { additionalCommandArgs: key }),
      },
      wal: { ...transfer, maxParallel: parallel, ...(key && { archiveAdditionalCommandArgs: key }) },
    },
    retentionPolicy: retention,
    instanceSidecarConfiguration: {
      env: Object.entries(storeEnvironment(store)).map(([name, value]) => ({ name, value })),
      // How often old backups are deleted, and how old `npm run backups` can be about the first moment to recover to.
      retentionPolicyIntervalSeconds: 1800,
      resources,
    },
  };
}

/** Parameters of PostgreSQL that the archive needs. */
export const archiveParameters = ({ archiveTimeout }: PostgresqlBackupSettings): Readonly<Record<string, string>> => ({
  archive_timeout: `${String(archiveTimeout)}s`,
});
