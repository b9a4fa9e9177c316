import type { Resource } from "../kubernetes/objects.ts";
import { RunningPack, unknownText, type Diagnostic } from "./engine.ts";
import { resource, restrictedContainer, restrictedSpec, type Json } from "./support.ts";

let pack: RunningPack;
beforeAll(async () => {
  pack = await RunningPack.start();
  await pack.configure({
    all: "mandatory",
    network: "disabled",
    "user-namespace": { required: true },
    "allowed-registries": { registries: ["registry.example"] },
  });
});
afterAll(() => pack.stop());

const named = (type: string, name: string, rest: Json, metadata: Json = {}): Resource =>
  resource(`kubernetes:${type}`, { metadata: { namespace: "front", name, ...metadata }, ...rest }, name);

const deployment = (name: string, spec: Json, over: Json = {}) => {
  const template = { metadata: { labels: { app: name } }, spec };
  return named("apps/v1:Deployment", name, { spec: { replicas: 2, template, ...over } });
};

const good = {
  ...restrictedContainer,
  resources: { limits: { cpu: "1", memory: "1Gi" } },
  readinessProbe: { tcpSocket: { port: 1 } },
  livenessProbe: { tcpSocket: { port: 1 } },
  securityContext: { ...restrictedContainer.securityContext, readOnlyRootFilesystem: true },
  env: [{ name: "DB_PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "password" } } }],
};
const bad = {
  name: "bad",
  image: "nginx:latest",
  securityContext: { privileged: true, readOnlyRootFilesystem: false },
  resources: { requests: { cpu: "1" } },
  env: [
    { name: "DB_PASSWORD", value: "hunter2" },
    { name: "DB", value: "redis://:hunter2@db" },
  ],
};

/** For each policy, one object that complies and one that violates it. */
const stack: readonly Resource[] = [
  named(
    "core/v1:Namespace",
    "labelled",
    {},
    {
      labels: {
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/enforce-version": "v1.34",
      },
    },
  ),
  named("core/v1:Namespace", "bare", {}, { labels: { "pod-security.kubernetes.io/enforce": "baseline" } }),
  deployment("good", { ...restrictedSpec, automountServiceAccountToken: false, hostUsers: false, containers: [good] }),
  deployment("bad", { automountServiceAccountToken: true, hostUsers: true, hostPID: true, containers: [bad] }),
  deployment("by-account", { ...restrictedSpec, serviceAccountName: "no-token", hostUsers: false, containers: [good] }),
  deployment("windows", {
    os: { name: "windows" },
    serviceAccount: "token",
    containers: [{ name: "a", image: "registry.example/a:1" }],
  }),
  deployment("sidecar", {
    ...restrictedSpec,
    containers: [good],
    initContainers: [{ name: "s", restartPolicy: "Always" }],
  }),
  named("core/v1:Pod", "one-off", {
    spec: { ...restrictedSpec, restartPolicy: "Never", containers: [{ ...restrictedContainer }] },
  }),
  named("core/v1:ServiceAccount", "no-token", { automountServiceAccountToken: false }),
  named("core/v1:ServiceAccount", "token", { automountServiceAccountToken: true }),
  named("core/v1:LimitRange", "defaults", { spec: { limits: [{ type: "Container", default: { cpu: "1" } }] } }),
  named("policy/v1:PodDisruptionBudget", "good", {
    spec: { maxUnavailable: 1, selector: { matchLabels: { app: "good" } } },
  }),
  named("core/v1:ConfigMap", "settings", { data: { TOKEN: "hunter2", "app.ini": "a = 1" } }),
];

test("an unknown value adds no violation, and hides one only if it is reported as unknown", async () => {
  const failures: string[] = [];
  for (const [index, { name, props }] of stack.entries()) {
    const before = await analyze(stack, index);
    expect(before.filter(({ level }) => level !== "mandatory")).toEqual([]);
    const violated = violations(before);
    for (const path of pathsOf(props)) {
      const found = await analyze(
        stack.with(index, { ...(stack[index] as Resource), props: replaced(props, path) }),
        index,
      );
      const after = violations(found);
      const undecided = new Set(found.filter(({ level }) => level === "advisory").map(({ urn }) => urn));
      const where = `${name}: ${path.join(".")}`;
      for (const each of after.keys()) if (!violated.has(each)) failures.push(`${where}: added violation: ${each}`);
      for (const [each, urn] of violated)
        if (!after.has(each) && !undecided.has(urn)) failures.push(`${where}: hidden violation: ${each}`);
    }
  }
  expect(failures).toEqual([]);
}, 120_000);

/** Analyzes one resource, then the stack. */
async function analyze(resources: readonly Resource[], index: number): Promise<readonly Diagnostic[]> {
  return [...(await pack.analyze(resources[index] as Resource)), ...(await pack.analyzeStack(resources))];
}

/** The mandatory violations, as `policy urn`, mapped to the URN. */
function violations(found: readonly Diagnostic[]): ReadonlyMap<string, string> {
  return new Map(
    found.filter(({ level }) => level === "mandatory").map(({ policy, urn }) => [`${policy} ${urn}`, urn] as const),
  );
}

/** The path of every value in an object. */
function pathsOf(value: unknown): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) => [[key], ...pathsOf(below).map((path) => [key, ...path])]);
}

function replaced(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return unknownText;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as Json) }) as Json;
  copy[key] = replaced(copy[key], rest);
  return copy;
}
