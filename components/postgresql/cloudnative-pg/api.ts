/** The fields of CloudNativePG's API (`postgresql.cnpg.io/v1`) that this program sets. */
import type { NodePool, ResourceSettings } from "../../../settings.ts";

export const apiVersion = "postgresql.cnpg.io/v1";

interface Reference {
  readonly name: string;
}

/** Where a new cluster's data comes from. */
export interface Bootstrap {
  readonly initdb?: {
    readonly database: string;
    readonly owner: string;
    readonly secret: Reference;
    readonly dataChecksums: boolean;
    readonly encoding: string;
    readonly localeCollate: string;
    readonly localeCType: string;
  };
  readonly recovery?: {
    /** Name of an external cluster. */
    readonly source: string;
    readonly database: string;
    readonly owner: string;
    readonly secret: Reference;
    readonly recoveryTarget?: { readonly targetTime?: string; readonly targetLSN?: string };
  };
}

export interface Plugin {
  readonly name: string;
  readonly enabled?: boolean;
  readonly isWALArchiver?: boolean;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface ExternalCluster {
  readonly name: string;
  readonly plugin: Plugin;
}

interface Probe {
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

interface ManagedRole {
  readonly name: string;
  readonly ensure: "present";
  readonly login: boolean;
  readonly createdb: boolean;
  readonly inherit: boolean;
  readonly connectionLimit: number;
  readonly passwordSecret: Reference;
}

export interface ClusterSpec {
  readonly instances: number;
  readonly imageName: string;
  readonly bootstrap: Bootstrap;
  readonly externalClusters?: readonly ExternalCluster[];
  readonly plugins?: readonly Plugin[];
  readonly inheritedMetadata: { readonly labels: Readonly<Record<string, string>> };
  readonly enableSuperuserAccess: boolean;
  readonly superuserSecret: Reference;
  readonly managed: {
    readonly roles: readonly ManagedRole[];
    readonly services: { readonly disabledDefaultServices: readonly ("ro" | "r")[] };
  };
  readonly certificates: { readonly serverAltDNSNames: readonly string[] };
  readonly postgresql: {
    /** All values are text. */
    readonly parameters: Readonly<Record<string, string>>;
    readonly synchronous?: {
      readonly method: "any";
      readonly number: number;
      readonly dataDurability: "required";
      readonly failoverQuorum: boolean;
    };
  };
  readonly replicationSlots: {
    readonly highAvailability: { readonly enabled: boolean; readonly synchronizeLogicalDecoding: boolean };
  };
  readonly storage: { readonly size: string; readonly storageClass: string; readonly resizeInUseVolumes: boolean };
  readonly resources: ResourceSettings;
  readonly ephemeralVolumesSizeLimit: { readonly shm: string; readonly temporaryData: string };
  readonly projectedVolumeTemplate: { readonly sources: readonly { readonly configMap: Reference }[] };
  readonly affinity: {
    readonly enablePodAntiAffinity: boolean;
    readonly topologyKey: string;
    readonly podAntiAffinityType: "required" | "preferred";
    readonly nodeSelector?: NodePool["nodeSelector"];
    readonly tolerations?: NodePool["tolerations"];
  };
  readonly topologySpreadConstraints: readonly {
    readonly maxSkew: number;
    readonly topologyKey: string;
    readonly whenUnsatisfiable: "ScheduleAnyway";
    readonly labelSelector: { readonly matchLabels: Readonly<Record<string, string>> };
  }[];
  readonly enablePDB: boolean;
  readonly primaryUpdateStrategy: "unsupervised";
  readonly primaryUpdateMethod: "switchover";
  readonly startDelay: number;
  readonly stopDelay: number;
  readonly smartShutdownTimeout: number;
  readonly switchoverDelay: number;
  readonly primaryLease: {
    readonly leaseDurationSeconds: number;
    readonly renewDeadlineSeconds: number;
    readonly retryPeriodSeconds: number;
  };
  readonly probes: { readonly liveness: Probe; readonly readiness: Probe };
  readonly logLevel: "info";
}

export interface DatabaseSpec {
  readonly cluster: Reference;
  readonly name: string;
  readonly owner: string;
  readonly ensure: "present";
  readonly databaseReclaimPolicy: "retain";
  readonly extensions: readonly { readonly name: string; readonly ensure: "present" }[];
  readonly schemas: readonly { readonly name: string; readonly owner: string; readonly ensure: "present" }[];
}

export interface PoolerSpec {
  readonly cluster: Reference;
  readonly type: "rw";
  readonly instances: number;
  readonly deploymentStrategy: {
    readonly type: "RollingUpdate";
    readonly rollingUpdate: { readonly maxSurge: number; readonly maxUnavailable: number };
  };
  readonly pgbouncer: {
    readonly poolMode: "transaction" | "session";
    readonly image: string;
    /** All values are text. */
    readonly parameters: Readonly<Record<string, string>>;
  };
  readonly template: object;
}
