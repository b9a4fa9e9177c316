import { difference } from "../../runner/host.ts";

const before = new Set([
  "network link lo",
  "cgroup /sys/fs/cgroup/cpu/bana-local-22222222",
  "kernel setting ip_forward=0",
]);

test("a host that is as it was has no difference", () => {
  expect(difference(before, before, "11111111")).toEqual([]);
});

test("what is new and what is gone is told, but for what belongs to another cluster", () => {
  const after = new Set([
    "network link lo",
    "network link bana-11111111",
    "network link bana-33333333",
    "kernel setting ip_forward=1",
  ]);
  expect(difference(before, after, "11111111")).toEqual([
    "new: network link bana-11111111",
    "new: kernel setting ip_forward=1",
    "gone: kernel setting ip_forward=0",
  ]);
});
