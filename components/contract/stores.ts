import type { Input, Output, Resource } from "@pulumi/pulumi";
import type { Address } from "./address.ts";
import type { Connection } from "./connection.ts";
import type { Credential } from "./credential.ts";

/** Environment variables of the backend services that say how to reach a store. */
export interface SharedVariables {
  /** For ConfigMap `shared-config`. */
  readonly plain: Readonly<Record<string, string>>;
  /** For Secret `nx-shared-secret`. */
  readonly secret: Readonly<Record<string, Input<string>>>;
}

/** What every store offers, whatever runs it. */
export interface Store {
  readonly connections: readonly Connection[];
  readonly sharedVariables: SharedVariables;
}

/** A PostgreSQL primary with a read-only replica, and a connection pooler in front of the primary. */
export interface PostgresqlStore extends Store {
  /** The database of the applications. */
  readonly database: string;
  /** May do everything, and connects to the primary. */
  readonly superuser: Credential;
  /** Owns the applications' database, and connects through the pooler. */
  readonly app: Credential;
  readonly primary: Address;
  /** Read-only. */
  readonly replica: Address;
  /** The pooler, in transaction mode. */
  readonly pooled: Address;
  /** Done when the primary has its roles and accepts connections. */
  readonly primaryReady: Resource;
  /** Changes when another server becomes the primary: it may lack the replication slot of change data capture. */
  readonly captureRevision: Input<string>;
}

/** A Kafka cluster. Clients log in by SASL. */
export interface KafkaStore extends Store {
  /** Hosts and ports, separated by commas. */
  readonly bootstrapServers: string;
  readonly saslMechanism: string;
  /** The user that all backend services share. */
  readonly application: Credential;
  /** @throws Error if there is no such user */
  user(name: string): Credential;
  /** Done when every user can log in with its current password. */
  readonly usersReady: Resource;
}

/** A Redis Cluster. */
export interface RedisStore extends Store {
  /** "HOST:PORT" of every node, for a client's first connection. */
  readonly nodes: readonly string[];
  readonly credential: Credential;
}

/** Typesense. It has no users: an API key is a password without a name. */
export interface SearchStore extends Store {
  readonly address: Address;
  readonly apiKey: Omit<Credential, "username">;
}

/** Kafka Connect with the connector that captures the database's changes. */
export interface CaptureStore {
  readonly connections: readonly Connection[];
  /** URL of the connector in the REST interface. */
  readonly connectorUrl: Output<string> | string;
}
