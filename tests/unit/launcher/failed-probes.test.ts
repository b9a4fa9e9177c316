import { expect, test } from "@jest/globals";
import { latestProbeFailures } from "../../../launcher/failed-probes.ts";

const event = (uid: string, container: string, lastTimestamp: string, message: string) => ({
  involvedObject: { uid, fieldPath: `spec.containers{${container}}` },
  lastTimestamp,
  message,
});

test("gives the latest probe failure of each container of the pod", () => {
  const events = [
    event("a", "peers", "2026-01-01T10:00:05Z", "Readiness probe failed: no leader\n"),
    event("a", "peers", "2026-01-01T10:00:00Z", "Readiness probe failed: Typesense does not answer on its Raft port\n"),
    event("b", "peers", "2026-01-01T10:00:09Z", "another pod's"),
    event("a", "typesense", "2026-01-01T10:00:04Z", "Readiness probe failed: HTTP probe failed with statuscode: 503"),
  ];
  expect(latestProbeFailures("a", events)).toEqual([
    "Readiness probe failed: no leader",
    "Readiness probe failed: HTTP probe failed with statuscode: 503",
  ]);
});
