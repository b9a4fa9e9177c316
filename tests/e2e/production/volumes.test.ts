import { removeClients, startClients } from "../clients.ts";
import { eventually } from "../eventually.ts";
import { kubectl, type KubernetesObject, list, type Named } from "../kubernetes.ts";
import { hosts, type Login, passwordOf, query } from "../postgresql.ts";
import { configure, pulumi, tryPulumi } from "../stack.ts";
import { startWriter } from "../writer.ts";
import { clientImage, deleteByForce, isWhole, primaryPod, serverPods, servers } from "./cluster.ts";

interface Claim extends KubernetesObject {
  readonly spec: { readonly resources: { readonly requests: { readonly storage: string } } };
}

const client = { namespace: "nx-backend", name: "volumes-client", image: clientImage };
const setting = "postgresql.storage";
const repaired = { timeout: 240 };
let operator: Login;

const claims = async (): Promise<Claim[]> =>
  (await list<Claim>("pvc", "nx-persistent")).filter(({ metadata }) => metadata.labels?.["cnpg.io/cluster"]);

const named = async (): Promise<Named[]> =>
  (await serverPods()).map(({ metadata: { name } }) => ({ namespace: "nx-persistent", name }));

beforeAll(async () => {
  await startClients(client);
  operator = { host: hosts.pgbouncer, user: "nx_seller_operator", password: await passwordOf("nx_seller_operator") };
  await eventually(isWhole, repaired);
});
afterAll(removeClients);

test("a larger setting grows every volume and restarts no server; a smaller one is refused before anything changes", async () => {
  const before = (await serverPods()).map(({ metadata }) => metadata.uid).sort();
  const [size = ""] = (await claims()).map(({ spec }) => spec.resources.requests.storage);
  const larger = `${String(Number.parseInt(size, 10) + 1)}Gi`;
  await configure(setting, larger);
  await pulumi("up", "--yes", "--skip-preview");
  expect((await claims()).map(({ spec }) => spec.resources.requests.storage)).toEqual(
    Array.from({ length: servers }, () => larger),
  );
  expect((await serverPods()).map(({ metadata }) => metadata.uid).sort()).toEqual(before);

  await configure(setting, size);
  const { code, stdout, stderr } = await tryPulumi(["preview"]);
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain(`have ${larger} and cannot shrink to ${size}`);
  await configure(setting, larger);
});

test("a replica whose volume is lost is cloned again by itself, while a client writes", async () => {
  const primary = await primaryPod();
  const lost = (await named()).find(({ name }) => name !== primary.name);
  if (lost === undefined) throw new Error("there is no replica");
  const claim = (await claims()).find(({ metadata: { name } }) => name === lost.name);
  await query(client, operator, "create table written (id int primary key)");
  const writer = startWriter(client, operator);
  await eventually(() => writer.committed.length >= 10);
  await kubectl(["delete", "pvc", lost.name, "--namespace", lost.namespace, "--wait=false"]);
  await deleteByForce(lost);
  await eventually(async () => {
    await isWhole();
    expect((await claims()).map(({ metadata }) => metadata.uid)).not.toContain(claim?.metadata.uid);
  }, repaired);
  const committed = await writer.stop();
  expect(await query(client, operator, "select count(*) from written")).toBe(String(committed.length));
});

test("all servers deleted at once come back with every acknowledged row", async () => {
  const committed = await query(client, operator, "select count(*) from written");
  await deleteByForce(...(await named()));
  await eventually(isWhole, repaired);
  await eventually(async () => {
    expect(await query(client, operator, "select count(*) from written")).toBe(committed);
  });
  await query(client, operator, "drop table written");
});
