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

async function mended(spec: unknown, kind = "core/v1:Pod"): Promise<Json> {
  const object = resource(`kubernetes:${kind}`, { metadata: { name: "it", namespace: "front" }, spec });
  const props = (await pack.remediate(object)) as { spec: Json } | undefined;
  return props?.spec ?? (spec as Json);
}

test("what can be set without asking is set", async () => {
  const spec = await mended({
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

test("templates, and the items of lists, are mended in place", async () => {
  const spec = await mended(
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

test("what somebody wrote stays, and is reported as mandatory", async () => {
  const written = {
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
  expect(await mended(written)).toEqual(written);
  const found = await pack.analyze(resource("kubernetes:core/v1:Pod", { spec: written }));
  const levels = found.filter(({ policy }) => policy === "pod-security").map(({ level }) => level);
  expect(levels).toEqual(Array(5).fill("mandatory"));
});

test("no user is invented, and root is not declared to be somebody else", async () => {
  expect(await mended({ containers: [{ name: "a" }] })).not.toHaveProperty("securityContext.runAsNonRoot");
  const root = await mended({
    securityContext: { runAsUser: 70 },
    containers: [{ name: "a", securityContext: { runAsUser: 0 } }],
  });
  expect(root).not.toHaveProperty("securityContext.runAsNonRoot");
  const own = await mended({ containers: [{ name: "a", securityContext: { runAsUser: 70 } }] });
  expect(own).toHaveProperty("containers.0.securityContext.runAsNonRoot", true);
});

test("privileged containers keep their escalation, which the API server would not let them lose", async () => {
  const spec = await mended({ containers: [{ name: "a", securityContext: { privileged: true } }] });
  expect(spec).not.toHaveProperty("containers.0.securityContext.allowPrivilegeEscalation");
});

test("Windows pods, patches, exempted objects and other levels are left alone", async () => {
  const windows = { os: { name: "windows" }, containers: [{ name: "a" }] };
  expect(await mended(windows)).toEqual(windows);
  const patch = { template: { spec: { containers: [{ name: "a" }] } } };
  expect(await mended(patch, "apps/v1:DeploymentPatch")).toEqual(patch);
  const bare = { containers: [{ name: "a" }] };
  await pack.configure({ "pod-security": { enforcementLevel: "remediate", level: "baseline" } });
  expect(await mended(bare)).toEqual(bare);
  await pack.configure({
    "pod-security": { enforcementLevel: "remediate", exemptions: [{ namespace: "front", reason: "legacy" }] },
  });
  expect(await mended(bare)).toEqual(bare);
});

test("unknown values are not overwritten, and secrets stay secret", async () => {
  const spec = await mended({
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

test("run on its own result it changes nothing, and it never adds a violation", async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryPodSpec, async (spec) => {
      const once = await mended(spec);
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
