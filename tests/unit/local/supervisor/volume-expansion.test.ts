import { needsExpansion } from "../../../../local/supervisor/volume-expansion.ts";
import type { Claim } from "../../../../local/supervisor/volume-expansion.ts";

const bound = {
  metadata: {
    namespace: "n",
    name: "c",
    annotations: { "volume.kubernetes.io/storage-provisioner": "rancher.io/local-path" },
  },
  spec: { volumeName: "v", resources: {} },
  status: { phase: "Bound", capacity: { storage: "20Gi" } },
} satisfies Claim;

test("a bound claim needs expansion if it requests a size other than its capacity", () => {
  expect(needsExpansion(bound, "30Gi")).toBe(true);
  expect(needsExpansion(bound, "20Gi")).toBe(false);
});

test.each<[string, Claim]>([
  ["that is not bound", { ...bound, status: { phase: "Pending" } }],
  ["of another provisioner", { ...bound, metadata: { namespace: "n", name: "c" } }],
])("a claim %s does not need expansion", (_which, claim) => {
  expect(needsExpansion(claim, "30Gi")).toBe(false);
});
