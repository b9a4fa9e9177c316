import { RunningPack } from "./engine.ts";
import { resource, restrictedSpec, type Json } from "./support.ts";

let pack: RunningPack;
beforeAll(async () => {
  pack = await RunningPack.start();
});
afterAll(() => pack.stop());
beforeEach(() => pack.configure());

test("names cannot forge report lines, move the cursor or contain invisible characters", async () => {
  const forged = "web\n  Exempted (fine)\u001b[2K\r\u009b\u202e\u200b\u2028";
  const escaped = "web\\u000a  Exempted (fine)\\u001b[2K\\u000d\\u009b\\u202e\\u200b\\u2028";
  const labels = { app: "web" };
  const container = { name: forged, image: forged, securityContext: { capabilities: { add: [forged] } } };
  const spec = { hostNetwork: true, volumes: [{ name: forged, hostPath: {} }], containers: [container] };
  const template = { metadata: { labels, annotations: { [forged]: forged } }, spec };
  const metadata = { name: forged, namespace: forged, annotations: { [`policies.bana/exempt-${forged}`]: forged } };
  await pack.configure({ exemptions: { annotations: ["*"], list: [{ name: "none", reason: forged }] } });
  const found = await pack.analyzeAll([
    resource("kubernetes:apps/v1:Deployment", { metadata, spec: { replicas: 2, template } }),
    resource("kubernetes:core/v1:Namespace", { metadata: { name: forged, labels: { [forged]: forged } } }),
    resource("kubernetes:core/v1:ConfigMap", { metadata, data: { [`${forged}_TOKEN`]: "hunter2", [`${forged}2`]: 7 } }),
    resource("kubernetes:helm.sh/v3:Release", { name: forged, namespace: forged, chart: forged }, forged),
    resource("kubernetes:networking.k8s.io/v1:NetworkPolicy", {
      metadata,
      spec: { podSelector: { matchLabels: { [forged]: forged } }, egress: [{ ports: [{ port: forged }] }] },
    }),
  ]);
  const policies = new Set(found.map(({ policy }) => policy));
  expect(policies.size).toBeGreaterThan(10);
  for (const { message } of found) {
    const own = message.split("\n").slice(1);
    expect(own.join("")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(own.filter((line) => line.trimStart().startsWith("Exempted (fine)"))).toEqual([]);
  }
  expect(found.some(({ message }) => message.includes(`Deployment ${escaped}/${escaped}`))).toBe(true);
});

const malformed: readonly [string, Json][] = [
  ["no spec", {}],
  ["null metadata and spec", { metadata: null, spec: null }],
  ["a string as spec", { spec: "containers" }],
  ["an object as containers", { spec: { containers: { a: 1 } } }],
  ["null and numbers as containers", { spec: { containers: [null, 7, "x", []] } }],
  [
    "strings as booleans and numbers",
    { spec: { hostNetwork: "true", securityContext: { runAsUser: "0" }, containers: [{ name: 3 }] } },
  ],
  ["lists as objects", { spec: { securityContext: [], containers: [{ securityContext: [], ports: [[]] }] } }],
  ["numbers as annotations", { metadata: { annotations: { a: 1 } }, spec: { ...restrictedSpec } }],
];
test.each(malformed)("reports a malformed object: %s", async (_, props) => {
  await pack.configure({ all: "mandatory" });
  const found = await pack.analyzeAll([
    resource("kubernetes:core/v1:Pod", props),
    resource("kubernetes:core/v1:Pod", restrictedSpec),
  ]);
  expect(found.some(({ message }) => message.includes("is invalid, and the API server will reject it"))).toBe(true);
});
