import { isWaitingForExpansion } from "./volume-expansion.ts";
import type { Claim } from "./volume-expansion.ts";

const bound = {
  metadata: {
    namespace: "n",
    name: "c",
    annotations: { "volume.kubernetes.io/storage-provisioner": "rancher.io/local-path" },
  },
  spec: { volumeName: "v", resources: {} },
  status: { phase: "Bound", capacity: { storage: "20Gi" } },
} satisfies Claim;

test("a bound claim that asks for another size than it has waits for it", () => {
  expect(isWaitingForExpansion(bound, "30Gi")).toBe(true);
  expect(isWaitingForExpansion(bound, "20Gi")).toBe(false);
});

test.each<[string, Claim]>([
  ["without a volume yet", { ...bound, status: { phase: "Pending" } }],
  ["of another provisioner", { ...bound, metadata: { namespace: "n", name: "c" } }],
])("a claim %s does not", (_which, claim) => {
  expect(isWaitingForExpansion(claim, "30Gi")).toBe(false);
});
