import { removeClients, startClients } from "./clients.ts";
import { exec, get, type KubernetesObject, list } from "./kubernetes.ts";
import { primary, secretData, sql } from "./postgresql.ts";

/** Compares the objects in the cluster with the specification's tables. */

const policies = [
  { namespace: "nx-backend", name: "allow-egress-to-postgresql", egress: [5432, 6432] },
  { namespace: "nx-backend", name: "allow-egress-to-broker", egress: [6379, 9092, 16379, 29092] },
  { namespace: "nx-backend", name: "allow-egress-to-search", egress: [8108] },
  { namespace: "nx-backend", name: "allow-egress-to-backend", egress: [3000] },
  { namespace: "nx-backend", name: "allow-egress-to-s3", egress: [443] },
  { namespace: "nx-broker", name: "allow-from-backend", ingress: [6379, 9092, 9093, 16379, 29092] },
  { namespace: "nx-broker", name: "allow-broker-internal", egress: [6379, 9092, 9093, 16379, 29092] },
  { namespace: "nx-persistent", name: "allow-pg-replication", egress: [5432], ingress: [5432] },
  { namespace: "nx-persistent", name: "allow-pgbouncer-to-primary", egress: [5432] },
  { namespace: "nx-persistent", name: "allow-pgbouncer-from-backend", ingress: [6432] },
  { namespace: "nx-persistent", name: "allow-from-backend", ingress: [5432, 6432] },
  { namespace: "nx-search", name: "allow-from-backend", ingress: [8108] },
  { namespace: "nx-search", name: "allow-search-internal", egress: [8083, 8108], ingress: [8083, 8108] },
  { namespace: "nx-search", name: "egress-nx-search", egress: [5432, 9092] },
  // counterparts missing from the table
  { namespace: "nx-backend", name: "allow-from-backend", ingress: [3000] },
  { namespace: "nx-broker", name: "allow-from-search", ingress: [9092] },
  { namespace: "nx-persistent", name: "allow-cdc-init-to-primary", egress: [5432] },
  { namespace: "nx-persistent", name: "allow-from-cdc-init", ingress: [5432] },
  { namespace: "nx-persistent", name: "allow-from-pgbouncer", ingress: [5432] },
  { namespace: "nx-persistent", name: "allow-from-search", ingress: [5432] },
  // in every namespace
  ...["nx-backend", "nx-app", "nx-persistent", "nx-broker", "nx-search", "nx-internal"].flatMap((namespace) => [
    { namespace, name: "default-deny-all", egress: [], ingress: [] },
    { namespace, name: "allow-dns", egress: [53, 53] },
  ]),
];

const services = [
  { namespace: "nx-persistent", name: "nx-pgbouncer", ports: [5432] },
  { namespace: "nx-persistent", name: "nx-postgresql-primary", ports: [5432] },
  { namespace: "nx-persistent", name: "nx-postgresql-replica", ports: [5432] },
  { namespace: "nx-persistent", name: "nx-postgresql-primary-headless", ports: [5432] },
  { namespace: "nx-persistent", name: "nx-postgresql-replica-headless", ports: [5432] },
  { namespace: "nx-broker", name: "nx-redis-headless", ports: [6379, 16379] },
  { namespace: "nx-broker", name: "nx-redis", ports: [6379, 16379] },
  { namespace: "nx-broker", name: "nx-kafka-headless", ports: [9092, 9093, 29092] },
  { namespace: "nx-broker", name: "nx-kafka", ports: [9092, 29092] },
  { namespace: "nx-search", name: "nx-typesense", ports: [8108] },
  { namespace: "nx-search", name: "nx-debezium", ports: [8083] },
  // not in the table: gives each pod of a Typesense cluster a DNS name
  { namespace: "nx-search", name: "nx-typesense-headless", ports: [8108] },
];

const perPod = (name: string): string[] =>
  [0, 1, 2].map((ordinal) => `${name}-${ordinal}.${name}-headless.nx-broker.svc.cluster.local`);

const secrets = [
  { namespace: "nx-persistent", name: "nx-postgresql-superuser-secret", keys: ["username", "password"] },
  { namespace: "nx-persistent", name: "nx-postgresql-app-secret", keys: ["username", "password"] },
  { namespace: "nx-persistent", name: "nx-postgresql-replication-secret", keys: ["username", "password"] },
  { namespace: "nx-broker", name: "nx-redis-secret", keys: ["REDIS_PASSWORD"] },
  { namespace: "nx-broker", name: "nx-kafka-jaas", keys: ["kafka_server_jaas.conf"] },
  { namespace: "nx-search", name: "nx-typesense-secret", keys: ["TYPESENSE_API_KEY"] },
  {
    namespace: "nx-backend",
    name: "nx-shared-secret",
    keys: ["APP_ENV_POSTGRES_PASSWORD", "APP_ENV_KAFKA_SASL_PASSWORD"],
  },
];

const jobs = [
  { namespace: "nx-broker", name: "nx-redis-cluster-init" },
  { namespace: "nx-broker", name: "nx-kafka-scram-init" },
  { namespace: "nx-search", name: "nx-debezium-init" },
];

const redisNodes = perPod("nx-redis")
  .map((host) => `${host}:6379`)
  .join(",");

const sharedConfig = {
  APP_ENV_POSTGRES_HOST: "nx-pgbouncer.nx-persistent.svc.cluster.local",
  APP_ENV_POSTGRES_DATABASE: "nx_seller_core",
  APP_ENV_POSTGRES_SESSION_HOST: "nx-pgbouncer.nx-persistent.svc.cluster.local",
  APP_ENV_POSTGRES_SESSION_DATABASE: "nx_seller_core_session",
  APP_ENV_CACHE_REDIS_MODE: "cluster",
  APP_ENV_CACHE_REDIS_CLUSTER_NODES: redisNodes,
  APP_ENV_BULLMQ_REDIS_MODE: "cluster",
  APP_ENV_BULLMQ_REDIS_CLUSTER_NODES: redisNodes,
  APP_ENV_WEBSOCKET_REDIS_MODE: "cluster",
  APP_ENV_WEBSOCKET_REDIS_CLUSTER_NODES: redisNodes,
  APP_ENV_KAFKA_BROKERS: perPod("nx-kafka")
    .map((host) => `${host}:9092`)
    .join(","),
  APP_ENV_KAFKA_SASL_ENABLE: "true",
  APP_ENV_KAFKA_SASL_MECHANISM: "SCRAM-SHA-512",
  APP_ENV_KAFKA_SASL_USERNAME: "nx.local",
  TZ: "Asia/Ho_Chi_Minh",
};

const inOrder = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);
const byName = <T extends { namespace: string; name: string }>(rows: readonly T[]): T[] =>
  [...rows].sort((a, b) => `${a.namespace}/${a.name}`.localeCompare(`${b.namespace}/${b.name}`));

test("the network policies match the table by name, direction and port", async () => {
  interface Rule {
    readonly ports: readonly { readonly port: number }[];
  }
  interface Policy extends KubernetesObject {
    readonly spec: {
      readonly policyTypes: readonly string[];
      readonly egress?: readonly Rule[];
      readonly ingress?: readonly Rule[];
    };
  }
  const portsOf = (rules: readonly Rule[] = []): number[] =>
    rules.flatMap((rule) => rule.ports.map(({ port }) => port));
  const found = (await list<Policy>("networkpolicies")).map(({ metadata: { namespace = "", name }, spec }) => ({
    namespace,
    name,
    ...(spec.policyTypes.includes("Egress") && { egress: inOrder(distinct(name, portsOf(spec.egress))) }),
    ...(spec.policyTypes.includes("Ingress") && { ingress: inOrder(distinct(name, portsOf(spec.ingress))) }),
  }));
  expect(byName(found)).toEqual(byName(policies));
});

/** Without duplicates, except for DNS, which has one port over two protocols. */
const distinct = (name: string, ports: readonly number[]): number[] =>
  name === "allow-dns" ? [...ports] : [...new Set(ports)];

test("the Services match the tables by name and port, and headless ones publish pods that are not ready", async () => {
  interface Service extends KubernetesObject {
    readonly spec: {
      readonly clusterIP: string;
      readonly publishNotReadyAddresses?: boolean;
      readonly ports: readonly { readonly port: number }[];
    };
  }
  const found = (await list<Service>("services")).filter(({ metadata }) => metadata.namespace?.startsWith("nx-"));
  const rows = found.map(({ metadata: { namespace = "", name }, spec }) => ({
    namespace,
    name,
    ports: inOrder(spec.ports.map(({ port }) => port)),
  }));
  expect(byName(rows)).toEqual(byName(services));
  for (const { metadata, spec } of found) {
    const headless = spec.clusterIP === "None";
    expect([metadata.name, headless]).toEqual([metadata.name, metadata.name.endsWith("-headless")]);
    if (headless) expect([metadata.name, spec.publishNotReadyAddresses]).toEqual([metadata.name, true]);
  }
});

describe("a pod in nx-backend", () => {
  const client = { namespace: "nx-backend", name: "contract-client" };
  beforeAll(async () => startClients(client));
  afterAll(removeClients);

  test("resolves every DNS name of the tables", async () => {
    const names = [
      ...services.map(({ namespace, name }) => `${name}.${namespace}.svc.cluster.local`),
      ...perPod("nx-redis"),
      ...perPod("nx-kafka"),
    ];
    const script = 'for name in "$@"; do getent hosts "$name" >/dev/null && echo "$name"; done';
    const resolved = await exec(client, ["sh", "-c", script, "resolve", ...names]);
    expect(resolved.trim().split("\n")).toEqual(names);
  });
});

test("the Secrets of the tables exist with their keys", async () => {
  for (const { keys, ...named } of secrets) {
    const data = await secretData(named);
    expect([named.name, keys.filter((key) => !data[key])]).toEqual([named.name, []]);
  }
});

test("PostgreSQL has the users of the table with their role attributes", async () => {
  const attributes =
    "select rolname, rolsuper, rolcreatedb, rolreplication from pg_roles " +
    "where rolname in ('postgres', 'nx_seller_operator', 'repl_user') order by rolname";
  expect(await sql(primary, attributes)).toBe("nx_seller_operator|f|t|f\npostgres|t|t|t\nrepl_user|f|f|t");
});

test("the init Jobs of the specification have succeeded", async () => {
  for (const job of jobs) {
    const { status } = await get<KubernetesObject & { status: { succeeded?: number } }>("job", job);
    expect([job.name, status.succeeded]).toEqual([job.name, 1]);
  }
});

test("shared-config has the specification's keys and values, and the time zone", async () => {
  const named = { namespace: "nx-backend", name: "shared-config" };
  const { data } = await get<KubernetesObject & { data: Record<string, string> }>("configmap", named);
  expect(data).toMatchObject(sharedConfig);
});
