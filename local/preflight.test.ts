import type { Machine } from "./machine.ts";
import { describe as inLines, obstacleToRunning, problems } from "./preflight.ts";

const good: Machine = {
  distributions: ["ubuntu", "debian"],
  missingPrograms: [],
  failedProbes: [],
  kernelOptions: new Set(["CONFIG_NETFILTER_XT_TARGET_NFQUEUE=m", "CONFIG_NETFILTER_NETLINK_QUEUE=y"]),
  cgroupControllers: ["cpu", "cpuset", "io", "memory", "pids"],
  isCgroupDivisible: true,
  availableMemoryBytes: 8 * 2 ** 30,
  freeDiskBytes: 50 * 2 ** 30,
  hasFreeLink: true,
};

test("nothing but Linux and root will do, and nothing else is looked at then", () => {
  expect(obstacleToRunning("linux", 0)).toBeUndefined();
  expect(obstacleToRunning("darwin", 0)?.lacks).toMatch(/Linux, not on darwin/);
  expect(obstacleToRunning("linux", 1000)?.mend).toMatch(/sudo/);
});

test("a good machine has no problem, and a kernel that hides its options is given the benefit of the doubt", () => {
  expect(problems(good)).toEqual([]);
  expect(problems({ ...good, kernelOptions: undefined })).toEqual([]);
});

test.each<[Partial<Machine>, RegExp, RegExp]>([
  [{ distributions: ["fedora"] }, /not Debian.*fedora/, /Debian 12/],
  [{ missingPrograms: ["flock"] }, /no program flock/, /apt-get install util-linux/],
  [{ failedProbes: ["overlayfs"] }, /Overlay file systems/, /modprobe overlay/],
  [{ failedProbes: ["veth"] }, /virtual network links/, /modprobe veth/],
  [{ failedProbes: ["namespace-pid"] }, /new namespace \(pid\)/, /CAP_SYS_ADMIN/],
  [{ kernelOptions: new Set(["CONFIG_NETFILTER_NETLINK_QUEUE=y"]) }, /XT_TARGET_NFQUEUE/, /distribution's kernel/],
  [{ cgroupControllers: ["cpu", "memory"] }, /cpuset, pids/, /\/sys\/fs\/cgroup/],
  [{ isCgroupDivisible: false }, /cannot be divided/, /--cgroupns=host/],
  [{ availableMemoryBytes: 2 ** 30 }, /1\.0 GiB of memory.*5\.0 GiB/, /larger machine/],
  [{ freeDiskBytes: 2 ** 30 }, /1\.0 GiB of disk.*8\.0 GiB/, /larger disk/],
  [{ hasFreeLink: false }, /10\.213\.0\.0\/16/, /ip route get 10\.213\.0\.1/],
])("%j is the only problem, and comes with its mend", (change, lacks, mend) => {
  const found = problems({ ...good, ...change });
  expect(found).toHaveLength(1);
  expect(found[0]?.lacks).toMatch(lacks);
  expect(found[0]?.mend).toMatch(mend);
});

test("all problems are told at once, a line each", () => {
  const found = problems({ ...good, freeDiskBytes: 0, availableMemoryBytes: 0, failedProbes: ["veth"] });
  expect(inLines(found).split("\n")).toHaveLength(3);
});
