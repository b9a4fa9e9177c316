import { attempt, type Result } from "../command.ts";
import { eventually } from "../eventually.ts";
import { get, kubectl, type KubernetesObject, type Named } from "../kubernetes.ts";
import { launcherCommand } from "../npm-start.ts";
import { sqlIn } from "./cluster.ts";

const namespace = "nx-persistent";

/** What `npm run backups -- --json` says about one server. */
interface ServerReport {
  readonly server: string;
  readonly state: string;
  readonly backups: readonly { readonly state: string }[];
  readonly first?: string;
  readonly last?: string;
  readonly problems: readonly string[];
}

/** `npm run backups`, whatever its exit code. */
export const backups = (...options: string[]): Promise<Result> => attempt(...launcherCommand("backups", ...options));

/** The report on one PostgreSQL cluster. */
export async function reportOn(server: string): Promise<ServerReport | undefined> {
  const { stdout } = await backups("--json");
  return (JSON.parse(stdout) as ServerReport[]).find((report) => report.server === server);
}

/** The primary's pod of a PostgreSQL cluster. */
export async function primaryOf(name: string): Promise<Named> {
  const { status } = await get<KubernetesObject & { status: { currentPrimary: string } }>(
    "clusters.postgresql.cnpg.io",
    { namespace, name },
  );
  return { namespace, name: status.currentPrimary };
}

/** Archives all WAL of a primary that was written until now, and waits until it is in the store. */
export async function archiveAll(pod: Named): Promise<void> {
  const file = await sqlIn(pod, "select pg_walfile_name(pg_switch_wal())");
  await eventually(
    async () => (await sqlIn(pod, `select coalesce(last_archived_wal, '') >= '${file}' from pg_stat_archiver`)) === "t",
    { timeout: 120 },
  );
}

const objectStore = ["--namespace", "object-store", "deployment/versitygw"];

/** Stops the object store of the embedded cluster. */
export async function stopStore(): Promise<void> {
  await kubectl(["scale", "--replicas=0", ...objectStore]);
  await kubectl(["wait", "--for=delete", "pod", "--all", "--namespace", "object-store", "--timeout=60s"]);
}

export async function startStore(): Promise<void> {
  await kubectl(["scale", "--replicas=1", ...objectStore]);
  await kubectl(["rollout", "status", "--timeout=60s", ...objectStore]);
}
