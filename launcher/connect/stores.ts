/** How people reach the stores of the data layer. */

/** A Service, and what somebody has to know who connects to it. */
export interface Door {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
  readonly user?: string;
  /** NAMESPACE/NAME of the Secret with the password. */
  readonly secret: string;
  /** The key of the password in it. */
  readonly key: string;
  /** What a client outside of the cluster has to know, if it does not just work. */
  readonly remark?: string;
}

export interface ConnectedStore extends Door {
  /** The pod and container in which the store's own client runs, and the script that runs it; without, it is ours: see typesense.ts. */
  readonly client?: { readonly pod: string; readonly container: string; readonly script: string };
}

const otherNodes =
  "It leads to one node only, which sends clients on to others by names that are known in the cluster alone.";

export const connectedStores: Readonly<Record<string, ConnectedStore>> = {
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
    remark: otherNodes,
    client: { pod: "service/nx-redis", container: "redis", script: "redis.sh" },
  },
  kafka: {
    namespace: "nx-broker",
    service: "nx-kafka",
    port: 9092,
    user: "APP_ENV_KAFKA_SASL_USERNAME of ConfigMap nx-backend/shared-config; SASL_PLAINTEXT, SCRAM-SHA-512",
    secret: "nx-backend/nx-shared-secret",
    key: "APP_ENV_KAFKA_SASL_PASSWORD",
    remark: otherNodes,
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
