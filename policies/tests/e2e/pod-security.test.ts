import fc from "fast-check";
import { evaluate } from "../../pod-security/evaluate.ts";
import { arbitraryPodSpec } from "../arbitrary-pod.ts";
import { pod, podOf, resource, type Json } from "../support.ts";
import { ApiServer, type ApiResponse } from "./api-server.ts";

/** Compares the checks with the API server's admission of generated pods, at the versions that changed a check. */
const kubeconfig = process.env.KUBECONFIG;
const levels = ["baseline", "restricted"] as const;
const boundaries = [0, 7, 8, 18, 19, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37];
const podsPerNamespace = 16;
const deploymentsPerNamespace = 6;

const suite = kubeconfig === undefined ? describe.skip : describe;

suite("the API server of KUBECONFIG", () => {
  const server = new ApiServer(kubeconfig ?? "");
  const namespaces: { readonly name: string; readonly level: (typeof levels)[number]; readonly minor: number }[] = [];

  beforeAll(async () => {
    const version = (await server.get("/version")).body as { minor?: string };
    const newest = Number.parseInt(version.minor ?? "", 10);
    for (const minor of boundaries.filter((boundary) => boundary <= newest)) {
      for (const level of levels) namespaces.push({ name: `psa-${level}-${minor}`, level, minor });
    }
    await Promise.all(namespaces.map(prepare));
  }, 120_000);

  afterAll(async () => {
    await Promise.all(namespaces.map(({ name }) => server.delete(`/api/v1/namespaces/${name}`)));
    server.close();
  }, 120_000);

  test("admits and rejects the same pods for the same reasons", async () => {
    const verdicts = { admitted: 0, rejected: 0 };
    for (const [index, { name, level, minor }] of namespaces.entries()) {
      const specs = fc.sample(arbitraryPodSpec, { numRuns: podsPerNamespace, seed: 4711 + index });
      await Promise.all(
        specs.map(async (spec) => {
          const response = await server.create(`/api/v1/namespaces/${name}/pods?dryRun=All`, podObject(spec));
          if (response.status === 422) return;
          const found = evaluate(pod(spec), level, minor);
          expect({ spec, level, minor, rejected: rejection(response) !== undefined }).toEqual({
            spec,
            level,
            minor,
            rejected: found.length > 0,
          });
          // The server copies AppArmor profiles between field and annotation before admission, and so reports both.
          const comparable = !found.some(({ check }) => check.id === "appArmorProfile");
          if (comparable && found.length > 0) expect(rejection(response)).toBe(textOf(found));
          verdicts[found.length > 0 ? "rejected" : "admitted"] += 1;
        }),
      );
    }
    console.log(`${verdicts.admitted} pods admitted and ${verdicts.rejected} rejected by both`);
    expect(verdicts.admitted + verdicts.rejected).toBeGreaterThanOrEqual(500);
    expect(Math.min(verdicts.admitted, verdicts.rejected)).toBeGreaterThanOrEqual(100);
  }, 600_000);

  test("warns of the same pod templates in the same words", async () => {
    let warned = 0;
    for (const [index, { name, level, minor }] of namespaces.entries()) {
      const specs = fc.sample(arbitraryPodSpec, { numRuns: deploymentsPerNamespace, seed: 815 + index });
      await Promise.all(
        specs.map(async (spec) => {
          const object = deploymentObject(spec);
          const response = await server.create(`/apis/apps/v1/namespaces/${name}/deployments?dryRun=All`, object);
          if (response.status === 422) return;
          // Since Kubernetes 1.28, host ports are defaulted in pods only, not in pod templates.
          if (spec.hostNetwork === true) return;
          const found = evaluate(podOf(resource("kubernetes:apps/v1:Deployment", object)), level, minor);
          const expected =
            found.length === 0 ? [] : [`would violate PodSecurity "${level}:v1.${minor}": ${textOf(found)}`];
          expect(response.warnings.filter((warning) => warning.includes("PodSecurity"))).toEqual(expected);
          warned += expected.length;
        }),
      );
    }
    console.log(`${warned} identical warnings`);
    expect(warned).toBeGreaterThanOrEqual(50);
  }, 600_000);

  async function prepare({ name, level, minor }: (typeof namespaces)[number]): Promise<void> {
    const prefix = "pod-security.kubernetes.io";
    const version = `v1.${minor}`;
    const labels = {
      [`${prefix}/enforce`]: level,
      [`${prefix}/enforce-version`]: version,
      [`${prefix}/warn`]: level,
      [`${prefix}/warn-version`]: version,
    };
    const created = await server.create("/api/v1/namespaces", { metadata: { name, labels } });
    if (created.status !== 201) throw new Error(`namespace ${name}: ${created.body.message ?? created.status}`);
    await eventually(
      async () => (await server.get(`/api/v1/namespaces/${name}/serviceaccounts/default`)).status === 200,
    );
  }
});

function textOf(found: ReturnType<typeof evaluate>): string {
  return found.map(({ reason, detail }) => `${reason} (${detail})`).join(", ");
}

/** The reasons of Pod Security admission for rejecting a pod; undefined if it admits the pod. */
function rejection({ status, body }: ApiResponse): string | undefined {
  if (status === 201) return undefined;
  const text = /violates PodSecurity "[^"]*": (.*)$/s.exec(body.message ?? "")?.[1];
  if (text === undefined) throw new Error(`the server returned ${status}: ${body.message ?? ""}`);
  return text;
}

function podObject(spec: Json): Json {
  return { metadata: { name: "it" }, spec };
}

function deploymentObject(spec: Json): Json {
  const labels = { app: "it" };
  return {
    metadata: { name: "it" },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

async function eventually(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("timed out after 60 s");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
