import { type Result } from "./command.ts";
import { exec, get, type KubernetesObject, list, type Named, type Pod, tryExec } from "./kubernetes.ts";

const namespace = "nx-persistent";

/** Pods of PostgreSQL, named as in the specification. */
export const primary: Named = { namespace, name: "nx-postgresql-primary-0" };
export const replica: Named = { namespace, name: "nx-postgresql-replica-0" };

/** The pods of PgBouncer. */
export const poolers = async (): Promise<Pod[]> =>
  (await list<Pod>("pods", namespace)).filter(({ metadata }) => metadata.name.startsWith("nx-pgbouncer-"));

/** Services of PostgreSQL as clients know them. */
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

/** Runs SQL in a PostgreSQL pod itself, as superuser through the local socket; rows come as lines, columns divided by `|`. */
export async function sql(pod: Named, statements: string): Promise<string> {
  const command = ["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", database];
  return (await exec(pod, command, { container: "postgresql", input: statements, timeout: 60 })).trim();
}

/** Data of a Secret, decoded. */
export async function secretData(named: Named): Promise<Record<string, string>> {
  const { data = {} } = await get<KubernetesObject & { data?: Record<string, string> }>("secret", named);
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]));
}

/** The password that a role's Secret holds now. */
export async function passwordOf(role: Role): Promise<string> {
  const { password } = await secretData(secrets[role]);
  if (password === undefined) throw new Error(`Secret ${secrets[role].name} has no key "password"`);
  return password;
}

/** Where and as whom a client logs in. */
export interface Login {
  readonly host: string;
  readonly user: string;
  readonly password: string;
  /** @default "nx_seller_core" */
  readonly database?: string;
}

/** Environment of PostgreSQL's client programs for a login. */
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

/** Runs SQL from a client pod over the network, whatever comes of it. */
export async function tryQuery(client: Named, login: Login, statements: string): Promise<Result> {
  const psql = ["psql", "-qXAtw", "-v", "ON_ERROR_STOP=1"];
  return tryExec(client, ["env", ...loginEnvironment(login), ...psql], { input: statements, timeout: 60 });
}

/** Runs SQL from a client pod over the network; throws when it fails. Rows come as lines, columns divided by `|`. */
export async function query(client: Named, login: Login, statements: string): Promise<string> {
  const { code, stdout, stderr } = await tryQuery(client, login, statements);
  if (code !== 0) throw new Error(`${login.user} at ${login.host}: ${stderr}`);
  return stdout.trim();
}

/** Names and states of the standbys that a server streams to right now. */
export async function standbysOf(server: Named): Promise<string> {
  return sql(
    server,
    "select application_name, state from pg_stat_replication where application_name like 'nx-postgresql-%'",
  );
}

/** Whether the primary streams to the replica right now. */
export async function replicaStreams(): Promise<boolean> {
  return (await standbysOf(primary)) === `${replica.name}|streaming`;
}
