import {
  pendingOperations,
  unrecordedResources,
  withoutPendingOperations,
  type ExportedState,
} from "../../../launcher/interrupted-creates.ts";

const inputs = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", namespace: "n" } };
const pending = (type: string, urn = "urn:c") => ({
  type,
  resource: { urn, type: "kubernetes:core/v1:ConfigMap", custom: true, inputs },
});
const state = (...operations: ReturnType<typeof pending>[]): ExportedState => ({
  version: 3,
  deployment: { resources: [{ urn: "urn:old", type: "kubernetes:core/v1:ConfigMap" }], pending_operations: operations },
});
const live = (manager: string) => ({ ...inputs, metadata: { ...inputs.metadata, managedFields: [{ manager }] } });

test("an object that an interrupted run created is added to the state, with its field manager", async () => {
  const before = state(pending("creating"));
  const adopted = await unrecordedResources(before, () => Promise.resolve(live("pulumi-kubernetes-1234")));
  expect(adopted).toEqual([
    {
      ...pending("creating").resource,
      id: "n/c",
      outputs: { ...inputs, __inputs: inputs, __initialApiVersion: "v1", __fieldManager: "pulumi-kubernetes-1234" },
    },
  ]);
  const after = withoutPendingOperations(before, adopted);
  expect(pendingOperations(after)).toEqual([]);
  expect(after.deployment.resources?.map(({ urn }) => urn)).toEqual(["urn:old", "urn:c"]);
});

test("objects that do not exist, that others manage or that the state already has are not added", async () => {
  expect(await unrecordedResources(state(pending("creating")), () => Promise.resolve(undefined))).toEqual([]);
  expect(await unrecordedResources(state(pending("creating")), () => Promise.resolve(live("kubectl")))).toEqual([]);
  const known = state(pending("updating"), pending("creating", "urn:old"));
  expect(await unrecordedResources(known, () => Promise.reject(new Error("unexpected lookup")))).toEqual([]);
});
