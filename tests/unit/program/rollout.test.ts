import { pendingRollout } from "../../../components/rollout.ts";

const rolled = {
  metadata: { generation: 2 },
  spec: { replicas: 3, selector: {}, template: {}, serviceName: "s" },
  status: { observedGeneration: 2, replicas: 3, updatedReplicas: 3, readyReplicas: 3 },
};

test("a StatefulSet is rolled out when all of its pods are updated and ready", () => {
  expect(pendingRollout(rolled)).toBeUndefined();
});

test.each([
  [{ observedGeneration: 1 }, "the controller has not seen the change"],
  [{ replicas: 2 }, "it has 2 pods of 3"],
  [{ updatedReplicas: 1 }, "1 pods of 3 are updated"],
  [{ readyReplicas: 2 }, "2 pods of 3 are ready"],
])("with %j it is not", (status, missing) => {
  expect(pendingRollout({ ...rolled, status: { ...rolled.status, ...status } })).toBe(missing);
});

test("one whose pods are switched off is", () => {
  const status = { observedGeneration: 2, replicas: 0 };
  expect(pendingRollout({ ...rolled, spec: { ...rolled.spec, replicas: 0 }, status })).toBeUndefined();
});
