import { type Result } from "./command.ts";
import { exec, get, type KubernetesObject, list, type Named, type Pod, tryExec } from "./kubernetes.ts";

const namespace = "nx-persistent";

/** PostgreSQL's pods, with the specification's names. */
export const primary: Named = { namespace, name: "nx-postgresql-primary-0" };
export const replica: Named = { namespace, name: "nx-postgresql-replica-0" };

/** PgBouncer's pods. */
export const poolers = async (): Promise<Pod[]> =>
  (await list<Pod>("pods", namespace)).filter(({ metadata }) => metadata.name.startsWith("nx-pgbouncer-"));

/** Hosts of the Services that clients connect to. */
export const hosts = {
  pgbouncer: `nx-pgbouncer.${namespace}.svc.cluster.local`,
  primary: `nx-postgresql-primary.${namespace}.svc.cluster.local`,
  replica: `nx-postgresql-replica.${namespace}.svc.cluster.local`,
} as const;

/** Secrets of PostgreSQL's roles. */
export const secrets = {
  postgres: { namespace, name: "nx-postgresql-superuser-secret" },
  nx_seller_operator: { namespace, name: "nx-postgresql-app-secret" },
  repl_user: { namespace, name: "nx-postgresql-replication-secret" },
} as const;

export type Role = keyof typeof secrets;

/** The application's database. */
export const database = "nx_seller_core";

/** Runs SQL in a PostgreSQL pod, as superuser over the Unix socket. Returns rows as lines, columns separated by `|`. */
export async function sql(pod: Named, statements: string): Promise<string> {
  const command = ["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", database];
  return (await exec(pod, command, { container: "postgresql", input: statements, timeout: 60 })).trim();
}

/** Decoded data of a Secret. */
export async function secretData(named: Named): Promise<Record<string, string>> {
  const { data = {} } = await get<KubernetesObject & { data?: Record<string, string> }>("secret", named);
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));
}

/** The current password in a role's Secret. */
export async function passwordOf(role: Role): Promise<string> {
  const { password } = await secretData(secrets[role]);
  if (password === undefined) throw new Error(`Secret ${secrets[role].name} has no key "password"`);
  return password;
}

/** Host and credentials of a client's login. */
export interface Login {
  readonly host: string;
  readonly user: string;
  readonly password: string;
  /** @default "nx_seller_core" */
  readonly database?: string;
}

/** Environment variables with a login for PostgreSQL's client programs, as `NAME=VALUE`. */
export function loginEnvironment({ host, user, password, database: dbname = database }: Login): string[] {
  const values = {
    PGHOST: host,
    PGPORT: "5432",
    PGUSER: user,
    PGPASSWORD: password,
    PGDATABASE: dbname,
    PGCONNECT_TIMEOUT: "5",
  };
  return Object.entries(values).map(([name, value]) => `${name}=${value}`);
}

/** Runs SQL from a client pod over the network and returns the result even when it fails. */
export async function tryQuery(client: Named, login: Login, statements: string): Promise<Result> {
  const psql = ["psql", "-qXAtw", "-v", "ON_ERROR_STOP=1"];
  return tryExec(client, ["env", ...loginEnvironment(login), ...psql], { input: statements, timeout: 60 });
}

/**
 * Runs SQL from a client pod over the network. Returns rows as lines, columns separated by `|`. Throws when it fails.
 */
export async function query(client: Named, login: Login, statements: string): Promise<string> {
  const { code, stdout, stderr } = await tryQuery(client, login, statements);
  if (code !== 0) throw new Error(`${login.user} at ${login.host}: ${stderr}`);
  return stdout.trim();
}

/** Names and states of the standbys currently connected to a server. */
export async function standbysOf(server: Named): Promise<string> {
  return sql(
    server,
    "select application_name, state from pg_stat_replication where application_name like 'nx-postgresql-%'",
  );
}

/** Whether the primary currently streams to the replica. */
export async function replicaStreams(): Promise<boolean> {
  return (await standbysOf(primary)) === `${replica.name}|streaming`;
}
