import { pendingRollout } from "../../../components/rollout.ts";

const rolled = {
  metadata: { generation: 2 },
  spec: { replicas: 3, selector: {}, template: {}, serviceName: "s" },
  status: { observedGeneration: 2, replicas: 3, updatedReplicas: 3, readyReplicas: 3 },
};

test("a rollout is complete when all pods are updated and ready", () => {
  expect(pendingRollout(rolled)).toBeUndefined();
});

test.each([
  [{ observedGeneration: 1 }, "the controller has not observed the change"],
  [{ replicas: 2 }, "2 of 3 pods exist"],
  [{ updatedReplicas: 1 }, "1 of 3 pods are updated"],
  [{ readyReplicas: 2 }, "2 of 3 pods are ready"],
])("a rollout with %j is pending", (status, pending) => {
  expect(pendingRollout({ ...rolled, status: { ...rolled.status, ...status } })).toBe(pending);
});

test("a rollout with zero replicas is complete without pods", () => {
  const status = { observedGeneration: 2, replicas: 0 };
  expect(pendingRollout({ ...rolled, spec: { ...rolled.spec, replicas: 0 }, status })).toBeUndefined();
});
