import { get, type KubernetesObject, list, type Pod } from "./kubernetes.ts";
import { primary, replica } from "./postgresql.ts";
import { configure, copyOfConfiguration, planned, pulumi, tryPulumi } from "./stack.ts";

interface Claim extends KubernetesObject {
  readonly spec: { readonly resources: { readonly requests: { readonly storage: string } } };
}

const claims = [primary, replica].map(({ namespace, name }) => ({ namespace, name: `data-${name}` }));
const claimed = async (): Promise<Claim[]> => Promise.all(claims.map(async (claim) => get<Claim>("pvc", claim)));
const sizes = async (): Promise<string[]> => (await claimed()).map(({ spec }) => spec.resources.requests.storage);
const podIds = async (): Promise<string[]> =>
  (await list<Pod>("pods", primary.namespace)).map(({ metadata }) => metadata.uid).sort();

describe("the storage setting", () => {
  test("raised, patches the claims and replaces nothing", async () => {
    const [claimsBefore, podsBefore] = [await claimed(), await podIds()];
    await configure("postgresql.storage", "3Gi");

    const plan = await planned();
    expect(plan.length).toBeGreaterThan(0);
    expect(plan.filter(({ op }) => op !== "update")).toEqual([]);
    await pulumi("up", "--yes", "--skip-preview");

    expect(await sizes()).toEqual(["3Gi", "3Gi"]);
    expect((await claimed()).map(({ metadata }) => metadata.uid)).toEqual(
      claimsBefore.map(({ metadata }) => metadata.uid),
    );
    expect(await podIds()).toEqual(podsBefore);
    await pulumi("preview", "--expect-no-changes");
  });

  test("lowered, is refused before anything is touched", async () => {
    const lowered = copyOfConfiguration("lowered");
    await configure("postgresql.storage", "2Gi", lowered);
    // a second change, that must not happen either
    await configure("pgbouncer.defaultPoolSize", "11", lowered);
    const versions = async (): Promise<string[]> =>
      (await list("pvc,sts,deploy,cm,secret", primary.namespace)).map(({ metadata }) => metadata.resourceVersion);
    const before = await versions();

    for (const command of [["preview"], ["up", "--yes"]]) {
      const { code, stdout, stderr } = await tryPulumi(command, lowered);
      expect(code).not.toBe(0);
      expect(stdout + stderr).toMatch(/storage/);
      expect(stdout + stderr).toMatch(/2Gi/);
      expect(stdout + stderr).toMatch(/3Gi/);
    }
    expect(await versions()).toEqual(before);
  });
});
