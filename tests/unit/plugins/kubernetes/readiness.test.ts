import { daemonSet } from "../../../../plugins/kubernetes/await/daemonset.ts";
import { deployment } from "../../../../plugins/kubernetes/await/deployment.ts";
import { ingress } from "../../../../plugins/kubernetes/await/ingress.ts";
import { job } from "../../../../plugins/kubernetes/await/job.ts";
import { pod } from "../../../../plugins/kubernetes/await/pod.ts";
import type { Rule, Seen, Verdict } from "../../../../plugins/kubernetes/await/rule.ts";
import { service } from "../../../../plugins/kubernetes/await/service.ts";
import { statefulSet } from "../../../../plugins/kubernetes/await/statefulset.ts";
import { persistentVolumeClaim, resourceQuota } from "../../../../plugins/kubernetes/await/storage.ts";
import type { Fields } from "../../../../plugins/kubernetes/values.ts";

const judge = (rule: Rule, object: Fields, related: Seen["related"] = {}, settled = true): Verdict =>
  rule.judge({ object, related, settled });
const isTrue = (type: string): Fields => ({ type, status: "True" });

describe("a Deployment", () => {
  const object = (revision: string, conditions: Fields[], observedGeneration = 2): Fields => ({
    metadata: { name: "d", uid: "d1", generation: 2, annotations: { "deployment.kubernetes.io/revision": revision } },
    spec: { replicas: 2 },
    status: { observedGeneration, conditions },
  });
  const set = (revision: string, readyReplicas: number): Fields => ({
    metadata: {
      name: `d-${revision}`,
      uid: `rs${revision}`,
      annotations: { "deployment.kubernetes.io/revision": revision },
      ownerReferences: [{ uid: "d1" }],
    },
    spec: { replicas: 2 },
    status: { readyReplicas },
  });
  const rolledOut = { type: "Progressing", status: "True", reason: "NewReplicaSetAvailable" };

  test("of the first revision is ready when available with all pods", () => {
    const conditions = [isTrue("Available"), { type: "Progressing", status: "True", reason: "ReplicaSetUpdated" }];
    expect(judge(deployment, object("1", conditions), { replicaSets: [set("1", 2)] }).ready).toBe(true);
    expect(judge(deployment, object("1", conditions), { replicaSets: [set("1", 1)] }).ready).toBe(false);
  });

  test("of a later revision must be rolled out too", () => {
    const replicaSets = [set("1", 2), set("2", 2)];
    const rolling = { ...rolledOut, reason: "ReplicaSetUpdated" };
    expect(judge(deployment, object("2", [isTrue("Available"), rolling]), { replicaSets }).ready).toBe(false);
    expect(judge(deployment, object("2", [isTrue("Available"), rolledOut]), { replicaSets }).ready).toBe(true);
  });

  test("is not ready by a status of an older generation", () => {
    const stale = object("1", [isTrue("Available"), rolledOut], 1);
    expect(judge(deployment, stale, { replicaSets: [set("1", 2)] }).ready).toBe(false);
  });

  test("waits for the claims that it mounts", () => {
    const mounting = object("1", [isTrue("Available")]);
    mounting["spec"] = { template: { spec: { volumes: [{ persistentVolumeClaim: { claimName: "c" } }] } } };
    const claim = (phase: string): Fields => ({ metadata: { name: "c" }, status: { phase } });
    const replicaSets = [set("1", 2)];
    expect(judge(deployment, mounting, { replicaSets, claims: [claim("Pending")] }).reasons).toEqual([
      "PersistentVolumeClaims not bound: c",
    ]);
    expect(judge(deployment, mounting, { replicaSets, claims: [claim("Bound")] }).ready).toBe(true);
  });

  test("says why its controller makes no pods", () => {
    const failure = { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: "forbidden" };
    expect(judge(deployment, object("1", [failure]), { replicaSets: [set("1", 0)] }).reasons).toContain(
      "[FailedCreate] forbidden",
    );
  });

  test("looks at the pods of its newest ReplicaSet only", () => {
    const of = (owner: string): Fields => ({ metadata: { name: owner, ownerReferences: [{ uid: owner }] } });
    const related = { replicaSets: [set("1", 2), set("2", 0)], pods: [of("rs1"), of("rs2"), of("other")] };
    const pods = deployment.pods?.({ object: object("2", []), related, settled: true });
    expect(pods).toEqual([of("rs2")]);
  });
});

describe("a StatefulSet", () => {
  const object = (status: Fields, spec: Fields = {}): Fields => ({
    metadata: { name: "s", generation: 2 },
    spec: { replicas: 2, ...spec },
    status: { observedGeneration: 2, ...status },
  });
  const done = {
    replicas: 2,
    readyReplicas: 2,
    currentReplicas: 2,
    updatedReplicas: 2,
    currentRevision: "b",
    updateRevision: "b",
  };

  test("is ready when all replicas are, of the newest revision", () => {
    expect(judge(statefulSet, object(done)).ready).toBe(true);
  });

  test("is not ready while it rolls out, and pods of the old revision do not count", () => {
    const verdict = judge(
      statefulSet,
      object({ ...done, currentRevision: "a", currentReplicas: 1, updatedReplicas: 1 }),
    );
    expect(verdict.ready).toBe(false);
    expect(verdict.status).toContain("1/2");
    expect(verdict.reasons).toContain("the rollout from revision a to b is not complete");
  });

  test("with updates on delete needs no newest revision", () => {
    const spec = { updateStrategy: { type: "OnDelete" } };
    expect(judge(statefulSet, object({ ...done, currentRevision: "a" }, spec)).ready).toBe(true);
  });

  test("is not ready by a status of an older generation", () => {
    expect(judge(statefulSet, object({ ...done, observedGeneration: 1 })).ready).toBe(false);
  });
});

test("a DaemonSet is ready when every node has an updated, available pod", () => {
  const object = (available: number): Fields => ({
    metadata: { generation: 1 },
    status: {
      observedGeneration: 1,
      desiredNumberScheduled: 2,
      currentNumberScheduled: 2,
      updatedNumberScheduled: 2,
      numberReady: 2,
      numberAvailable: available,
    },
  });
  expect(judge(daemonSet, object(1)).ready).toBe(false);
  expect(judge(daemonSet, object(2)).ready).toBe(true);
});

test("a Job is ready when complete, and fails at once when its controller gives up", () => {
  expect(judge(job, { status: { active: 1 } })).toMatchObject({ ready: false });
  expect(judge(job, { status: { conditions: [isTrue("Complete")] } }).ready).toBe(true);
  const failed = { type: "Failed", status: "True", reason: "BackoffLimitExceeded", message: "too often" };
  expect(judge(job, { status: { conditions: [failed] } })).toMatchObject({
    failed: true,
    reasons: ["[BackoffLimitExceeded] too often"],
  });
});

test("a Pod is ready by its conditions or by having succeeded", () => {
  expect(judge(pod, { status: { conditions: [isTrue("PodScheduled")] } }).status).toContain("initialized");
  expect(judge(pod, { status: { conditions: ["PodScheduled", "Initialized", "Ready"].map(isTrue) } }).ready).toBe(true);
  expect(judge(pod, { status: { phase: "Succeeded" } }).ready).toBe(true);
  expect(judge(pod, { spec: { restartPolicy: "Never" }, status: { phase: "Failed" } }).failed).toBe(true);
});

describe("a Service", () => {
  const object = (spec: Fields): Fields => ({ metadata: { name: "s" }, spec: { selector: { a: "b" }, ...spec } });
  const slices = (...conditions: Fields[]): Fields[] => [
    {
      metadata: { labels: { "kubernetes.io/service-name": "s" } },
      endpoints: conditions.map((item) => ({ conditions: item })),
    },
  ];

  test.each<Fields>([{ clusterIP: "None" }, { type: "ExternalName" }, { selector: {} }])(
    "that is %j has no pods to wait for",
    (spec) => {
      expect(judge(service, object(spec), {}, false).ready).toBe(true);
    },
  );

  test("waits for all pods behind it", () => {
    const endpointSlices = slices({ ready: true }, { ready: false });
    expect(judge(service, object({}), { endpointSlices }).reasons).toEqual([
      "1 of the 2 Pods that the selector finds are not ready",
    ]);
    expect(judge(service, object({}), { endpointSlices: slices({ ready: true }) }).ready).toBe(true);
  });

  test("does not wait for pods that are on their way out, nor for pods when there are none", () => {
    expect(judge(service, object({}), { endpointSlices: slices({ ready: false, terminating: true }) }).ready).toBe(
      true,
    );
    expect(judge(service, object({}), {}).ready).toBe(true);
  });

  test("waits for its endpoints to settle", () => {
    expect(judge(service, object({}), {}, false).ready).toBe(false);
  });

  test("of type LoadBalancer waits for an address", () => {
    const balanced = object({ type: "LoadBalancer" });
    expect(judge(service, balanced).ready).toBe(false);
    balanced["status"] = { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } };
    expect(judge(service, balanced).ready).toBe(true);
  });
});

test("an Ingress waits for an address, and warns of services without pods", () => {
  const object: Fields = { spec: { rules: [{ http: { paths: [{ backend: { service: { name: "web" } } }] } }] } };
  expect(judge(ingress, object, {}, false).status).toBe("Waiting for endpoints of web");
  object["status"] = { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } };
  expect(judge(ingress, object)).toMatchObject({ ready: true, warning: "No Pods are behind web" });
});

test("a claim is ready when bound, or pending when its class waits for a pod", () => {
  const claim = (phase: string): Fields => ({ spec: { storageClassName: "fast" }, status: { phase } });
  const waits = { volumeBindingMode: "WaitForFirstConsumer" };
  expect(judge(persistentVolumeClaim(undefined), claim("Pending")).reasons).toEqual([
    "the claim is Pending (StorageClass fast)",
  ]);
  expect(judge(persistentVolumeClaim(waits), claim("Pending")).ready).toBe(true);
  expect(judge(persistentVolumeClaim(waits), claim("Bound")).ready).toBe(true);
  expect(judge(persistentVolumeClaim(waits), claim("Lost")).ready).toBe(false);
});

test("a quota is ready when its controller has taken it in", () => {
  const quota = (observed: string): Fields => ({
    spec: { hard: { pods: "10", cpu: "1" } },
    status: { hard: { cpu: "1", pods: observed } },
  });
  expect(judge(resourceQuota, quota("5")).ready).toBe(false);
  expect(judge(resourceQuota, quota("10")).ready).toBe(true);
});
