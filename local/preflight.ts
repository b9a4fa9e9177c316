import { inspectMachine, requiredControllers, requiredPrograms } from "./machine.ts";
import type { Machine } from "./machine.ts";
import { linkPool } from "./node/link.ts";

/** A prerequisite that the machine does not meet, and the fix. */
export interface Problem {
  readonly cause: string;
  readonly fix: string;
}

const GIB = 2 ** 30;
// Usage with all images imported and one server running from each.
const REQUIRED_MEMORY_BYTES = 5 * GIB;
const REQUIRED_DISK_BYTES = 8 * GIB;
const NAMESPACE_FIX = "In a container, grant CAP_SYS_ADMIN and an unconfined seccomp profile (docker run --privileged)";

/** Reasons why this machine cannot host the cluster; empty if it can. Takes a few hundred milliseconds. */
export async function preflight(stateDir: string): Promise<readonly Problem[]> {
  const problem = platformProblem(process.platform, process.getuid?.());
  return problem === undefined ? machineProblems(await inspectMachine(stateDir)) : [problem];
}

/** One line per problem: the cause, then the fix. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map(({ cause, fix }) => `- ${cause}. ${fix}.`).join("\n");
}

/** Wrong operating system or user; no other check makes sense then. */
export function platformProblem(platform: string, uid: number | undefined): Problem | undefined {
  if (platform !== "linux") {
    return {
      cause: `The embedded cluster runs on Linux, not on ${platform}`,
      fix: "Use an existing cluster with --context NAME",
    };
  }
  if (uid !== 0) {
    return {
      cause: "The embedded cluster needs root to create namespaces, mounts and network links",
      fix: "Run the command as root (sudo), or use an existing cluster with --context NAME",
    };
  }
  return undefined;
}

/** Prerequisites that root on Linux may still miss. */
export function machineProblems(machine: Machine): readonly Problem[] {
  const problems: Problem[] = [];
  const check = (isMet: boolean, cause: string, fix: string) => {
    if (!isMet) problems.push({ cause, fix });
  };

  check(
    machine.distributions.includes("debian"),
    `This is not Debian or a derivative (${machine.distributions.join(", ") || "no /etc/os-release"}): the cluster is built from its packages`,
    "Run it on Debian 12, or in a privileged Debian 12 container",
  );
  for (const program of machine.missingPrograms) {
    check(false, `${program} is not installed`, `Install it: apt-get install ${requiredPrograms[program] ?? program}`);
  }
  for (const probe of machine.failedProbes) {
    if (probe === "overlayfs") {
      check(
        false,
        "overlayfs cannot be mounted on the state directory's file system",
        "Load the module (modprobe overlay), or move the checkout from an overlay to ext4 or xfs",
      );
    } else if (probe === "veth") {
      check(
        false,
        "The kernel does not support veth devices",
        "Load the module (modprobe veth), or use a kernel with CONFIG_VETH",
      );
    } else {
      check(false, `The kernel does not allow a new namespace (${probe.replace("namespace-", "")})`, NAMESPACE_FIX);
    }
  }
  for (const option of ["CONFIG_NETFILTER_XT_TARGET_NFQUEUE", "CONFIG_NETFILTER_NETLINK_QUEUE"]) {
    check(
      machine.kernelOptions === undefined ||
        ["y", "m"].some((value) => machine.kernelOptions?.has(`${option}=${value}`)),
      `The kernel was built without ${option}, which enforcing NetworkPolicies requires`,
      "Use a distribution kernel (linux-image-amd64 has it)",
    );
  }
  const missingControllers = requiredControllers.filter((each) => !machine.cgroupControllers.includes(each));
  check(
    missingControllers.length === 0,
    `Cgroups cannot be created with these controllers: ${missingControllers.join(", ")}`,
    "Mount cgroup v2 (or the v1 controllers) read-write on /sys/fs/cgroup",
  );
  check(
    machine.canDelegateControllers,
    "This container's processes are in its root cgroup, which cannot delegate controllers then",
    "Run the container in the host's cgroup namespace (docker run --cgroupns=host)",
  );
  check(
    machine.availableMemoryBytes >= REQUIRED_MEMORY_BYTES,
    `${gib(machine.availableMemoryBytes)} GiB of memory is available, ${gib(REQUIRED_MEMORY_BYTES)} GiB is required`,
    "Stop other programs, or use a larger machine",
  );
  check(
    machine.freeDiskBytes >= REQUIRED_DISK_BYTES,
    `${gib(machine.freeDiskBytes)} GiB of disk is free for the state directory, ${gib(REQUIRED_DISK_BYTES)} GiB is required`,
    "Free disk space, or move the checkout to a larger disk",
  );
  check(
    machine.hasFreeNetwork,
    `The link to the host needs a free /30 network in ${linkPool}: addresses or routes cover all of it`,
    `Find the route (ip route get ${linkPool.replace("0/16", "1")}) and make it more specific`,
  );
  return problems;
}

function gib(bytes: number): string {
  return (bytes / GIB).toFixed(1);
}
