import fc from "fast-check";
import { objectsOf } from "../kubernetes/objects.ts";
import { arbitraryPodSpec } from "./arbitrary-pod.ts";
import { RunningPack, secret, unknownText } from "./engine.ts";
import { pod, resource, verdict, type Json } from "./support.ts";

let pack: RunningPack;
beforeAll(async () => {
  pack = await RunningPack.start();
});
afterAll(() => pack.stop());
beforeEach(() => pack.configure({ "pod-security": "remediate" }));

async function remediate(spec: unknown, kind = "core/v1:Pod"): Promise<Json> {
  const object = resource(`kubernetes:${kind}`, { metadata: { name: "it", namespace: "front" }, spec });
  const props = (await pack.remediate(object)) as { spec: Json } | undefined;
  return props?.spec ?? (spec as Json);
}

test("sets safe defaults", async () => {
  const spec = await remediate({
    securityContext: { runAsUser: 70 },
    containers: [
      { name: "a" },
      { name: "b", securityContext: { capabilities: { add: ["NET_BIND_SERVICE"], drop: ["KILL"] } } },
    ],
  });
  expect(spec).toEqual({
    securityContext: { runAsUser: 70, runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      { name: "a", securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } },
      {
        name: "b",
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { add: ["NET_BIND_SERVICE"], drop: ["KILL", "ALL"] },
        },
      },
    ],
  });
  expect(verdict(pod(spec), "restricted", "latest")).toEqual([]);
});

test("remediates pod templates and list items in place", async () => {
  const spec = await remediate(
    { jobTemplate: { spec: { template: { spec: { containers: [{ name: "a" }] } } } } },
    "batch/v1:CronJob",
  );
  expect(spec).toMatchObject({
    jobTemplate: { spec: { template: { spec: { securityContext: { seccompProfile: { type: "RuntimeDefault" } } } } } },
  });
  const list = resource("kubernetes:core/v1:PodList", { items: [{ spec: { containers: [{ name: "a" }] } }] });
  expect(await pack.remediate(list)).toMatchObject({
    items: [{ spec: { containers: [{ securityContext: { allowPrivilegeEscalation: false } }] } }],
  });
});

test("keeps explicit values, and reports them as mandatory", async () => {
  const explicit = {
    securityContext: { runAsNonRoot: false, runAsUser: 70, seccompProfile: { type: "Unconfined" } },
    containers: [
      {
        name: "a",
        securityContext: {
          privileged: true,
          allowPrivilegeEscalation: true,
          capabilities: { drop: ["ALL"], add: ["SYS_ADMIN"] },
        },
      },
    ],
  };
  expect(await remediate(explicit)).toEqual(explicit);
  const found = await pack.analyze(resource("kubernetes:core/v1:Pod", { spec: explicit }));
  const levels = found.filter(({ policy }) => policy === "pod-security").map(({ level }) => level);
  expect(levels).toEqual(Array(5).fill("mandatory"));
});

test("sets runAsNonRoot only if a user other than root is set", async () => {
  expect(await remediate({ containers: [{ name: "a" }] })).not.toHaveProperty("securityContext.runAsNonRoot");
  const root = await remediate({
    securityContext: { runAsUser: 70 },
    containers: [{ name: "a", securityContext: { runAsUser: 0 } }],
  });
  expect(root).not.toHaveProperty("securityContext.runAsNonRoot");
  const own = await remediate({ containers: [{ name: "a", securityContext: { runAsUser: 70 } }] });
  expect(own).toHaveProperty("containers.0.securityContext.runAsNonRoot", true);
});

test("does not set allowPrivilegeEscalation on privileged containers, where the API server rejects false", async () => {
  const spec = await remediate({ containers: [{ name: "a", securityContext: { privileged: true } }] });
  expect(spec).not.toHaveProperty("containers.0.securityContext.allowPrivilegeEscalation");
});

test("skips Windows pods, patches, exempted objects and other levels", async () => {
  const windows = { os: { name: "windows" }, containers: [{ name: "a" }] };
  expect(await remediate(windows)).toEqual(windows);
  const patch = { template: { spec: { containers: [{ name: "a" }] } } };
  expect(await remediate(patch, "apps/v1:DeploymentPatch")).toEqual(patch);
  const bare = { containers: [{ name: "a" }] };
  await pack.configure({ "pod-security": { enforcementLevel: "remediate", level: "baseline" } });
  expect(await remediate(bare)).toEqual(bare);
  await pack.configure({
    "pod-security": { enforcementLevel: "remediate", exemptions: [{ namespace: "front", reason: "legacy" }] },
  });
  expect(await remediate(bare)).toEqual(bare);
});

test("keeps unknown values and secrets", async () => {
  const spec = await remediate({
    securityContext: { seccompProfile: unknownText },
    containers: [
      { name: "a", image: secret("registry/app:1"), securityContext: { allowPrivilegeEscalation: unknownText } },
    ],
  });
  expect(spec).toMatchObject({
    securityContext: { seccompProfile: unknownText },
    containers: [
      {
        image: secret("registry/app:1"),
        securityContext: { allowPrivilegeEscalation: unknownText, capabilities: { drop: ["ALL"] } },
      },
    ],
  });
});

test("is idempotent, and adds no violation", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryPodSpec, async (spec) => {
      const once = await remediate(spec);
      expect(
        await pack.remediate(resource("kubernetes:core/v1:Pod", { metadata: { namespace: "front" }, spec: once })),
      ).toBeUndefined();
      const before = verdict(pod(spec), "restricted", "latest").length;
      expect(verdict(pod(once), "restricted", "latest").length).toBeLessThanOrEqual(before);
      expect(objectsOf(resource("kubernetes:core/v1:Pod", { spec: once }))[0]?.notes.malformed.size).toBe(0);
    }),
    { numRuns: 100 },
  );
}, 60_000);
