import type { Machine } from "../../../local/machine.ts";
import { formatProblems, machineProblems, platformProblem } from "../../../local/preflight.ts";

const good: Machine = {
  distributions: ["ubuntu", "debian"],
  missingPrograms: [],
  failedProbes: [],
  kernelOptions: new Set(["CONFIG_NETFILTER_XT_TARGET_NFQUEUE=m", "CONFIG_NETFILTER_NETLINK_QUEUE=y"]),
  cgroupControllers: ["cpu", "cpuset", "io", "memory", "pids"],
  canDelegateControllers: true,
  availableMemoryBytes: 8 * 2 ** 30,
  freeDiskBytes: 50 * 2 ** 30,
  hasFreeNetwork: true,
};

test("the platform must be Linux and the user root", () => {
  expect(platformProblem("linux", 0)).toBeUndefined();
  expect(platformProblem("darwin", 0)?.cause).toMatch(/Linux, not on darwin/);
  expect(platformProblem("linux", 1000)?.fix).toMatch(/sudo/);
});

test("a suitable machine has no problems, and unknown kernel options are not a problem", () => {
  expect(machineProblems(good)).toEqual([]);
  expect(machineProblems({ ...good, kernelOptions: undefined })).toEqual([]);
});

test.each<[Partial<Machine>, RegExp, RegExp]>([
  [{ distributions: ["fedora"] }, /not Debian.*fedora/, /Debian 12/],
  [{ missingPrograms: ["flock"] }, /flock is not installed/, /apt-get install util-linux/],
  [{ failedProbes: ["overlayfs"] }, /overlayfs/, /modprobe overlay/],
  [{ failedProbes: ["veth"] }, /veth devices/, /modprobe veth/],
  [{ failedProbes: ["namespace-pid"] }, /new namespace \(pid\)/, /CAP_SYS_ADMIN/],
  [{ kernelOptions: new Set(["CONFIG_NETFILTER_NETLINK_QUEUE=y"]) }, /XT_TARGET_NFQUEUE/, /distribution kernel/],
  [{ cgroupControllers: ["cpu", "memory"] }, /cpuset, pids/, /\/sys\/fs\/cgroup/],
  [{ canDelegateControllers: false }, /cannot delegate controllers/, /--cgroupns=host/],
  [{ availableMemoryBytes: 2 ** 30 }, /1\.0 GiB of memory.*5\.0 GiB/, /larger machine/],
  [{ freeDiskBytes: 2 ** 30 }, /1\.0 GiB of disk.*8\.0 GiB/, /larger disk/],
  [{ hasFreeNetwork: false }, /10\.213\.0\.0\/16/, /ip route get 10\.213\.0\.1/],
])("%j is the only problem, and it has a fix", (change, cause, fix) => {
  const found = machineProblems({ ...good, ...change });
  expect(found).toHaveLength(1);
  expect(found[0]?.cause).toMatch(cause);
  expect(found[0]?.fix).toMatch(fix);
});

test("all problems are reported together, one line each", () => {
  const found = machineProblems({ ...good, freeDiskBytes: 0, availableMemoryBytes: 0, failedProbes: ["veth"] });
  expect(formatProblems(found).split("\n")).toHaveLength(3);
});
