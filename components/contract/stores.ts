import type { Input, Resource } from "@pulumi/pulumi";
import type { Address } from "./address.ts";
import type { Connection } from "./connection.ts";
import type { Credential } from "./credential.ts";

/** Environment variables with which the backend services connect to a store. */
export interface SharedVariables {
  /** For ConfigMap `shared-config`. */
  readonly plain: Readonly<Record<string, string>>;
  /** For Secret `nx-shared-secret`. */
  readonly secret: Readonly<Record<string, Input<string>>>;
}

/** Common to all stores, independent of the implementation. */
export interface Store {
  readonly connections: readonly Connection[];
  readonly sharedVariables: SharedVariables;
}

/** A PostgreSQL primary with a read-only replica, and a connection pooler in front of the primary. */
export interface PostgresqlStore extends Store {
  /** The applications' database. */
  readonly database: string;
  /** Login of the superuser, at the primary. */
  readonly superuser: Credential;
  /** Login of the owner of the applications' database, through the pooler. */
  readonly app: Credential;
  readonly primary: Address;
  /** Read-only. */
  readonly replica: Address;
  /** The pooler, in transaction mode. */
  readonly pooled: Address;
  /** Created when the primary has its roles and accepts connections. */
  readonly primaryReady: Resource;
  /** Changes with the primary: a new one may lack the replication slot of change data capture. */
  readonly captureRevision: Input<string>;
  /** Name of the servers that share one log. A position in their log means nothing in the log of others. */
  readonly logName: string;
  /** Created when the object store has accepted the settings of backups; empty if PostgreSQL has none. */
  readonly objectStoreChecked: readonly Resource[];
}

/** A Kafka cluster. Clients log in with SASL. */
export interface KafkaStore extends Store {
  /** Comma-separated hosts with ports. */
  readonly bootstrapServers: string;
  readonly saslMechanism: string;
  /** Login that all backend services share. */
  readonly application: Credential;
  /** @throws Error if no user has this name */
  user(name: string): Credential;
  /** Created when every user can log in with its current password. */
  readonly usersReady: Resource;
}

/** A Redis Cluster. */
export interface RedisStore extends Store {
  /** "HOST:PORT" of every node: seed addresses for clients. */
  readonly nodes: readonly string[];
  readonly credential: Credential;
}

/** Typesense. It has no users, only an API key. */
export interface SearchStore extends Store {
  readonly address: Address;
  readonly apiKey: Omit<Credential, "username">;
}

/** Kafka Connect with the connector that captures the database's changes. */
export interface CaptureStore {
  readonly connections: readonly Connection[];
  /** URL of the connector in Kafka Connect's REST API. */
  readonly connectorUrl: string;
}
