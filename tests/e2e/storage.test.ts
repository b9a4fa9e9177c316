import { eventually } from "./eventually.ts";
import { type KubernetesObject, list, type Pod } from "./kubernetes.ts";
import { configure, copyOfConfiguration, planned, pulumi, tryPulumi } from "./stack.ts";

interface Claim extends KubernetesObject {
  readonly spec: { readonly resources: { readonly requests: { readonly storage: string } } };
  readonly status: { readonly capacity: { readonly storage: string } };
}

const namespaces = ["nx-persistent", "nx-broker", "nx-search"];
/** Number of volumes of each store by default. */
const stores = { postgresql: 2, redis: 3, kafka: 3, typesense: 1 };

const listed = async <T extends KubernetesObject>(kinds: string): Promise<T[]> =>
  (await Promise.all(namespaces.map(async (namespace) => list<T>(kinds, namespace)))).flat();
const claimsOf = async (store: string): Promise<Claim[]> =>
  (await listed<Claim>("pvc")).filter(({ metadata }) => metadata.name.startsWith(`data-nx-${store}-`));
const sizesOf = async (store: string): Promise<string[]> =>
  (await claimsOf(store)).map(({ spec }) => spec.resources.requests.storage);
const ids = (objects: readonly KubernetesObject[]): string[] => objects.map(({ metadata }) => metadata.uid).sort();
// without pods that still terminate after an earlier change
const pods = async (): Promise<Pod[]> =>
  (await listed<Pod>("pods")).filter(({ metadata }) => metadata.deletionTimestamp === undefined);

describe("the storage settings", () => {
  const small: Record<string, string> = {};
  const large: Record<string, string> = {};

  beforeAll(async () => {
    for (const [store, count] of Object.entries(stores)) {
      const sizes = await sizesOf(store);
      expect(sizes).toHaveLength(count);
      small[store] = sizes[0] ?? "";
      expect(small[store]).toMatch(/^\d+Gi$/);
      large[store] = `${Number.parseInt(small[store], 10) + 1}Gi`;
    }
  });

  test("expand the volumes of every store when increased, and replace nothing", async () => {
    const before = { claims: ids(await listed("pvc")), pods: ids(await pods()) };
    for (const store of Object.keys(stores)) await configure(`${store}.storage`, large[store] ?? "");

    const plan = await planned();
    expect(plan.length).toBeGreaterThan(0);
    expect(plan.filter(({ op }) => op !== "update")).toEqual([]);
    await pulumi("up", "--yes", "--skip-preview");

    for (const [store, count] of Object.entries(stores)) {
      const wanted = Array.from({ length: count }, () => large[store]);
      expect(await sizesOf(store)).toEqual(wanted);
      await eventually(async () => {
        expect((await claimsOf(store)).map(({ status }) => status.capacity.storage)).toEqual(wanted);
      });
    }
    expect({ claims: ids(await listed("pvc")), pods: ids(await pods()) }).toEqual(before);
    await pulumi("preview", "--expect-no-changes");
  });

  test.each(Object.keys(stores))("are refused for %s when decreased, before anything changes", async (store) => {
    const lowered = copyOfConfiguration("lowered");
    await configure(`${store}.storage`, small[store] ?? "", lowered);
    // a valid change that must not be applied either
    await configure("pgbouncer.defaultPoolSize", "11", lowered);
    // status updates of workloads change resourceVersion, not generation; the other kinds change with an update only
    const versions = async (): Promise<(number | string)[]> =>
      (await listed("pvc,sts,deploy,cm,secret")).map(
        ({ metadata: { generation, resourceVersion } }) => generation ?? resourceVersion,
      );
    const before = await versions();

    for (const command of [["preview"], ["up", "--yes"]]) {
      const { code, stdout, stderr } = await tryPulumi(command, lowered);
      expect(code).not.toBe(0);
      expect(stdout + stderr).toContain(`has ${large[store]} and cannot shrink to ${small[store]}`);
    }
    expect(await versions()).toEqual(before);
  });
});
