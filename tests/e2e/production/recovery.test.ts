import { removeClients, startClients } from "../clients.ts";
import { eventually } from "../eventually.ts";
import { find } from "../kubernetes.ts";
import { hosts, passwordOf, query } from "../postgresql.ts";
import { configure, pulumi, tryPulumi, unset } from "../stack.ts";
import { archiveAll, primaryOf, reportOn } from "./backups.ts";
import { clientImage, sqlIn } from "./cluster.ts";

const old = "nx-postgresql";
/** Another name in each run: the backups of a deleted cluster stay in the store, below its name. */
const recovered = `nx-postgresql-r${Date.now().toString(36)}`;
const client = { namespace: "nx-backend", name: "recovery-client", image: clientImage };
const user = "nx_seller_operator";

const up = () => pulumi("up", "--yes", "--skip-preview");

/** The rows of the test's table, as the application reads them through the pooler. */
async function rowsOfApplication(): Promise<string> {
  const login = { host: hosts.pgbouncer, user, password: await passwordOf(user) };
  return query(client, login, "select string_agg(id::text, ' ' order by id) from public.recovery_test");
}

const exists = async (name: string) =>
  (await find("clusters.postgresql.cnpg.io", { namespace: "nx-persistent", name })) !== undefined;

beforeAll(async () => {
  await startClients(client);
  // A recovery starts from a base backup that is older than its target.
  await eventually(async () => (await reportOn(old))?.backups.some(({ state }) => state === "completed") === true, {
    timeout: 180,
    interval: 3,
  });
  const pod = await primaryOf(old);
  await sqlIn(pod, `create table public.recovery_test (id int); grant all on public.recovery_test to ${user}`);
  await sqlIn(pod, "insert into public.recovery_test values (1), (2)");
  const target = await sqlIn(
    pod,
    `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
  );
  await sqlIn(pod, "insert into public.recovery_test values (3)");
  await archiveAll(pod);
  await configure(`postgresql.recovery.${recovered}.from`, old);
  await configure(`postgresql.recovery.${recovered}.targetTime`, target);
  await up();
});

/** What is left to do if a test has failed. */
afterAll(async () => {
  await removeClients();
  await configure("postgresql.active", old);
  if (await exists(recovered)) {
    await configure(`postgresql.retired.${recovered}`, "stopped");
    await up();
    await configure(`postgresql.retired.${recovered}`, "deleted");
    await up();
  }
  for (const setting of ["active", "retired", "recovery"]) await unset(`postgresql.${setting}`);
  await sqlIn(await primaryOf(old), "drop table public.recovery_test");
});

test("the recovered cluster has exactly the rows of that time, and the old one all of them", async () => {
  const rows = "select string_agg(id::text, ' ' order by id) from public.recovery_test";
  expect(await sqlIn(await primaryOf(recovered), rows)).toBe("1 2");
  expect(await rowsOfApplication()).toBe("1 2 3");
});

test("it is backed up by itself", async () => {
  await eventually(async () => (await reportOn(recovered))?.first !== undefined, { timeout: 180, interval: 3 });
});

test("applications are moved to it, and can write", async () => {
  await configure("postgresql.active", recovered);
  await up();
  await eventually(async () => (await rowsOfApplication()) === "1 2");
  await sqlIn(await primaryOf(recovered), "insert into public.recovery_test values (4)");
  expect(await rowsOfApplication()).toBe("1 2 4");
});

describe("moved back", () => {
  beforeAll(async () => {
    await configure("postgresql.active", old);
  });

  test("a running cluster is not deleted in one step, and the message names both", async () => {
    await configure(`postgresql.retired.${recovered}`, "deleted");
    const { code, stdout, stderr } = await tryPulumi(["preview"]);
    expect(code).not.toBe(0);
    expect(`${stdout}${stderr}`).toMatch(/That takes two updates\. First stop it: .* stopped`.*Second.* deleted`/);
  });

  test("applications find what they wrote before, and the stopped cluster keeps its volumes", async () => {
    await configure(`postgresql.retired.${recovered}`, "stopped");
    await up();
    await eventually(async () => (await rowsOfApplication()) === "1 2 3");
    expect((await reportOn(recovered))?.state).toBe("stopped");
  });

  test("the stopped cluster can be deleted", async () => {
    await configure(`postgresql.retired.${recovered}`, "deleted");
    await up();
    await eventually(async () => !(await exists(recovered)), { timeout: 120 });
    expect((await reportOn(recovered))?.state).toBe("deleted");
  });
});
