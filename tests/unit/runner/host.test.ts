import { difference, names } from "../../runner/host.ts";

const before = new Set([
  "network link lo",
  "cgroup /sys/fs/cgroup/cpu/bana-local-22222222",
  "kernel setting ip_forward=0",
]);

test("an unchanged host has no differences", () => {
  expect(difference(before, before, "11111111")).toEqual([]);
});

test("new and removed facts are reported, except those of other clusters", () => {
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

test.each([
  ["node main.ts /tmp/.state/e2e", true],
  ["--config=/tmp/.state/e2e/config/kubelet.yaml --v=1", true],
  ["/tmp/.state/e2e", true],
  ["/tmp/.state/e2e-production /tmp/.state/e2e2", false],
  ["/tmp/.state/e2e-production --other=/tmp/.state/e2e/pki", true],
])("whether %p names the directory /tmp/.state/e2e: %p", (text, expected) => {
  expect(names(text, "/tmp/.state/e2e")).toBe(expected);
});
