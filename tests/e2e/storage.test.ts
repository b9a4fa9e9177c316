import { eventually } from "./eventually.ts";
import { get, type KubernetesObject, list, type Pod } from "./kubernetes.ts";
import { primary, replica } from "./postgresql.ts";
import { configure, copyOfConfiguration, planned, pulumi, tryPulumi } from "./stack.ts";

interface Claim extends KubernetesObject {
  readonly spec: { readonly resources: { readonly requests: { readonly storage: string } } };
  readonly status: { readonly capacity: { readonly storage: string } };
}

const claims = async (): Promise<Claim[]> =>
  Promise.all(
    [primary, replica].map(async ({ namespace, name }) => get<Claim>("pvc", { namespace, name: `data-${name}` })),
  );
const sizes = async (): Promise<string[]> => (await claims()).map(({ spec }) => spec.resources.requests.storage);
const ids = (objects: readonly KubernetesObject[]): string[] => objects.map(({ metadata }) => metadata.uid).sort();
// without those that are on their way out, of a change before
const pods = async (): Promise<Pod[]> =>
  (await list<Pod>("pods", primary.namespace)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);

describe("the storage setting", () => {
  let small: string;
  let large: string;

  beforeAll(async () => {
    small = (await sizes())[0] ?? "";
    expect(small).toMatch(/^\d+Gi$/);
    large = `${Number.parseInt(small, 10) + 1}Gi`;
  });

  test("raised, expands the volumes and replaces nothing", async () => {
    const before = { claims: ids(await claims()), pods: ids(await pods()) };
    await configure("postgresql.storage", large);

    const plan = await planned();
    expect(plan.length).toBeGreaterThan(0);
    expect(plan.filter(({ op }) => op !== "update")).toEqual([]);
    await pulumi("up", "--yes", "--skip-preview");

    expect(await sizes()).toEqual([large, large]);
    await eventually(async () => {
      expect((await claims()).map(({ status }) => status.capacity.storage)).toEqual([large, large]);
    });
    expect({ claims: ids(await claims()), pods: ids(await pods()) }).toEqual(before);
    await pulumi("preview", "--expect-no-changes");
  });

  test("lowered, is refused before anything is touched", async () => {
    const lowered = copyOfConfiguration("lowered");
    await configure("postgresql.storage", small, lowered);
    // a second change, that must not happen either
    await configure("pgbouncer.defaultPoolSize", "11", lowered);
    const versions = async (): Promise<string[]> =>
      (await list("pvc,sts,deploy,cm,secret", primary.namespace)).map(({ metadata }) => metadata.resourceVersion);
    const before = await versions();

    for (const command of [["preview"], ["up", "--yes"]]) {
      const { code, stdout, stderr } = await tryPulumi(command, lowered);
      expect(code).not.toBe(0);
      expect(stdout + stderr).toContain(`has ${large} and cannot shrink to ${small}`);
    }
    expect(await versions()).toEqual(before);
  });
});
