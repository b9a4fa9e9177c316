/** The fields of CloudNativePG's and the Barman Cloud plugin's objects that `npm run backups` reads. Times are RFC 3339. */

interface Metadata {
  readonly name: string;
  readonly creationTimestamp?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

interface Plugin {
  readonly name: string;
  readonly enabled?: boolean;
  readonly isWALArchiver?: boolean;
  readonly parameters?: { readonly barmanObjectName?: string; readonly serverName?: string };
}

export interface ClusterObject {
  readonly metadata: Metadata;
  readonly spec: { readonly plugins?: readonly Plugin[] };
  readonly status?: { readonly currentPrimary?: string; readonly conditions?: readonly Condition[] };
}

export interface BackupObject {
  readonly metadata: Metadata;
  readonly spec: { readonly cluster: { readonly name: string } };
  readonly status?: {
    readonly backupId?: string;
    readonly phase?: string;
    readonly startedAt?: string;
    readonly stoppedAt?: string;
    readonly error?: string;
    readonly instanceID?: { readonly podName?: string };
  };
}

interface RecoveryWindow {
  readonly firstRecoverabilityPoint?: string;
  readonly lastSuccessfulBackupTime?: string;
  readonly lastFailedBackupTime?: string;
}

export interface ObjectStoreObject {
  readonly metadata: Metadata;
  readonly spec: { readonly configuration: { readonly destinationPath: string } };
  /** By server name, of clusters that no longer exist too. */
  readonly status?: { readonly serverRecoveryWindow?: Readonly<Record<string, RecoveryWindow>> };
}

/** What the primary knows about its archive: `launcher/backups/archiver.sql`. */
export interface Archiver {
  readonly lastArchived: string | null;
  readonly lastFailed: string | null;
  /** Number of WAL files that wait to be archived. */
  readonly waiting: number;
  /** Since when the oldest of them waits. */
  readonly waitingSince: string | null;
}

/** All that is known about the backups of PostgreSQL at one moment. */
export interface PostgresqlBackups {
  readonly clusters: readonly ClusterObject[];
  readonly backups: readonly BackupObject[];
  readonly stores: readonly ObjectStoreObject[];
  /** By cluster. A text is the reason why a primary could not be asked. */
  readonly archivers: Readonly<Record<string, Archiver | string>>;
}
