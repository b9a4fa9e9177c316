/** The stores of the data layer, and how to connect to each. */

/** A store's Service, and the credentials for it. */
export interface Endpoint {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
  readonly user?: string;
  /** NAMESPACE/NAME of the Secret that holds the password. */
  readonly secret: string;
  /** The password's key in the Secret. */
  readonly key: string;
  /** Limitation for clients outside the cluster. */
  readonly note?: string;
}

export interface ConnectableStore extends Endpoint {
  /** The pod and container that have the store's client, and the script that runs it. Unset: see typesense.ts. */
  readonly client?: { readonly pod: string; readonly container: string; readonly script: string };
}

const singleNodeNote =
  "The port leads to one node only. It redirects clients to the other nodes by names that resolve only in the cluster.";

export const connectableStores: Readonly<Record<string, ConnectableStore>> = {
  postgres: {
    namespace: "nx-persistent",
    service: "nx-postgresql-primary",
    port: 5432,
    user: "nx_seller_operator",
    secret: "nx-persistent/nx-postgresql-app-secret",
    key: "password",
    client: { pod: "service/nx-postgresql-primary", container: "postgresql", script: "postgres.sh" },
  },
  redis: {
    namespace: "nx-broker",
    service: "nx-redis",
    port: 6379,
    secret: "nx-broker/nx-redis-secret",
    key: "REDIS_PASSWORD",
    note: singleNodeNote,
    client: { pod: "service/nx-redis", container: "redis", script: "redis.sh" },
  },
  kafka: {
    namespace: "nx-broker",
    service: "nx-kafka",
    port: 9092,
    user: "APP_ENV_KAFKA_SASL_USERNAME of ConfigMap nx-backend/shared-config; SASL_PLAINTEXT, SCRAM-SHA-512",
    secret: "nx-backend/nx-shared-secret",
    key: "APP_ENV_KAFKA_SASL_PASSWORD",
    note: singleNodeNote,
    client: { pod: "service/nx-kafka", container: "kafka", script: "kafka.sh" },
  },
  typesense: {
    namespace: "nx-search",
    service: "nx-typesense",
    port: 8108,
    secret: "nx-search/nx-typesense-secret",
    key: "TYPESENSE_API_KEY",
  },
};
