import type { Result } from "./command.ts";
import { isReady, type Named, tryExec } from "./kubernetes.ts";
import { poolers, primary } from "./postgresql.ts";

/** A ready pod of the pooler. */
async function pooler(): Promise<Named> {
  const [pod] = (await poolers()).filter(isReady);
  if (pod === undefined) throw new Error("no pod of the pooler is ready");
  return { namespace: primary.namespace, name: pod.metadata.name };
}

const inPooler = async (command: readonly string[]): Promise<Result> =>
  tryExec(await pooler(), command, { container: "pgbouncer" });

/** The pooler's check of `npm run status`. */
export const poolerCheck = (): Promise<Result> => inPooler(["sh", "/etc/pgbouncer/check.sh"]);

/** Runs a command of the pooler's admin console. Returns rows as lines, columns separated by `|`. */
export async function poolerConsole(command: string): Promise<string> {
  const script = '. /etc/pgbouncer/login.sh; psql_as superuser 127.0.0.1 "$LISTEN_PORT" pgbouncer --command="$0"';
  const { code, stdout, stderr } = await inPooler(["sh", "-euc", script, command]);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}
