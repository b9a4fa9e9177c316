import { operatorsNamespace } from "../../../components/names.ts";
import { database, poolers } from "../../../components/postgresql/cloudnative-pg/endpoints.ts";
import { output, removeClients, startClients } from "../clients.ts";
import type { Result } from "../command.ts";
import { list, type Pod } from "../kubernetes.ts";
import { parseVerdicts, probeCommand } from "../probe.ts";
import { configure, copyOfConfiguration, tryPulumi, unset } from "../stack.ts";
import { clientImage, serverPods } from "./cluster.ts";

const otherHash = "0".repeat(64);

const textOf = ({ stdout, stderr }: Result): string => stdout + stderr;

test("a manifest with another SHA-256 ends the preview, which names both", async () => {
  const copy = copyOfConfiguration("other-hash");
  await configure("operators.cloudNativePg.sha256", otherHash, copy);
  const result = await tryPulumi(["preview"], copy);
  expect(result.code).not.toBe(0);
  expect(textOf(result)).toMatch(new RegExp(`its SHA-256 is [0-9a-f]{64}, expected ${otherHash}`));
});

test("operators that objects need are not removed: the preview ends and names the objects", async () => {
  const copy = copyOfConfiguration("existing-operators");
  for (const operator of ["cloudNativePg", "barmanCloud"]) {
    await unset(`operators.${operator}.manifest`, copy);
    await configure(`operators.${operator}.mode`, "existing", copy);
  }
  const result = await tryPulumi(["preview"], copy);
  expect(result.code).not.toBe(0);
  expect(textOf(result)).toMatch(
    /cnpg-controller-manager cannot be deleted while .* Cluster nx-persistent\/nx-postgresql,/,
  );
});

test("a pod in nx-backend reaches the poolers, but neither the instances nor the operators", async () => {
  const client = { namespace: "nx-backend", name: "operators-backend" };
  const addressesOf = (pods: readonly Pod[], ports: readonly number[]) =>
    pods.flatMap(({ status: { podIP = "" } }) => ports.map((port) => `${podIP}:${String(port)}`));
  const closed = [
    ...addressesOf(await serverPods(), Object.values(database.ports)),
    ...addressesOf(await list<Pod>("pods", operatorsNamespace), [9443, 9090, 8080, 8081]),
  ];
  const ofPoolers = (await list<Pod>("pods", poolers.namespace)).filter(({ metadata: { labels = {} } }) =>
    Object.entries(poolers.pods).every(([key, value]) => labels[key] === value),
  );
  const open = addressesOf(ofPoolers, [poolers.ports.pgbouncer]);
  expect(open.length).toBeGreaterThan(0);
  await startClients({ ...client, image: clientImage, command: probeCommand([...closed, ...open]) });
  try {
    expect(Object.fromEntries(parseVerdicts(await output(client)))).toEqual({
      ...Object.fromEntries(closed.map((address) => [address, "closed"])),
      ...Object.fromEntries(open.map((address) => [address, "open"])),
    });
  } finally {
    await removeClients();
  }
});
