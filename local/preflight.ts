import { inspectMachine, neededControllers, requiredPrograms } from "./machine.ts";
import type { Machine } from "./machine.ts";
import { linkPool } from "./node/link.ts";

/** What the machine lacks, and what to do about it. */
export interface Problem {
  readonly lacks: string;
  readonly mend: string;
}

const GIB = 2 ** 30;
// What the cluster takes with all of its images imported and a server of each of them at work.
const NEEDED_MEMORY_BYTES = 5 * GIB;
const NEEDED_DISK_BYTES = 8 * GIB;
const NAMESPACE_MEND =
  "In a container, give it CAP_SYS_ADMIN and an unconfined seccomp profile (docker run --privileged)";

/**
 * Why this machine cannot host the cluster; empty if it can. Looks at the machine only (a few hundred milliseconds) and
 * leaves nothing behind.
 */
export async function preflight(stateDir: string): Promise<readonly Problem[]> {
  const obstacle = obstacleToRunning(process.platform, process.getuid?.());
  return obstacle === undefined ? problems(await inspectMachine(stateDir)) : [obstacle];
}

/** One line a problem, each with its remedy. */
export function describe(found: readonly Problem[]): string {
  return found.map(({ lacks, mend }) => `- ${lacks}. ${mend}.`).join("\n");
}

/** Why nothing else needs to be looked at. */
export function obstacleToRunning(platform: string, uid: number | undefined): Problem | undefined {
  if (platform !== "linux") {
    return {
      lacks: `The embedded cluster runs on Linux, not on ${platform}`,
      mend: "Use --context NAME to work with a cluster you have",
    };
  }
  if (uid !== 0) {
    return {
      lacks: "It takes root to make namespaces, mounts and network links",
      mend: "Run it as root (sudo), or use --context NAME to work with a cluster you have",
    };
  }
  return undefined;
}

/** What root on Linux may still lack. */
export function problems(machine: Machine): readonly Problem[] {
  const found: Problem[] = [];
  const check = (isGood: boolean, lacks: string, mend: string) => {
    if (!isGood) found.push({ lacks, mend });
  };

  check(
    machine.distributions.includes("debian"),
    `This is not Debian or one of its descendants (${machine.distributions.join(", ") || "no /etc/os-release"}), whose packages the cluster is made of`,
    "Run it on Debian 12 or in a privileged container of it",
  );
  for (const program of machine.missingPrograms) {
    check(
      false,
      `There is no program ${program}`,
      `Install it: apt-get install ${requiredPrograms[program] ?? program}`,
    );
  }
  for (const probe of machine.failedProbes) {
    if (probe === "overlayfs") {
      check(
        false,
        "Overlay file systems cannot be mounted over the state directory's file system",
        "Load the module (modprobe overlay), or put the checkout on ext4 or xfs instead of on another overlay",
      );
    } else if (probe === "veth") {
      check(
        false,
        "The kernel has no virtual network links",
        "Load the module (modprobe veth), or use a kernel with CONFIG_VETH",
      );
    } else {
      check(false, `The kernel refuses a new namespace (${probe.replace("namespace-", "")})`, NAMESPACE_MEND);
    }
  }
  for (const option of ["CONFIG_NETFILTER_XT_TARGET_NFQUEUE", "CONFIG_NETFILTER_NETLINK_QUEUE"]) {
    check(
      machine.kernelOptions === undefined ||
        ["y", "m"].some((value) => machine.kernelOptions?.has(`${option}=${value}`)),
      `The kernel was built without ${option}, by which NetworkPolicies are enforced`,
      "Use a distribution's kernel (linux-image-amd64 has it)",
    );
  }
  const missingControllers = neededControllers.filter((each) => !machine.cgroupControllers.includes(each));
  check(
    missingControllers.length === 0,
    `Cgroups cannot be made with: ${missingControllers.join(", ")}`,
    "Mount cgroup v2 (or the v1 controllers) writable on /sys/fs/cgroup",
  );
  check(
    machine.isCgroupDivisible,
    "This container's own processes live in the root of its cgroups, which cannot be divided then",
    "Give the container the host's cgroup namespace (docker run --cgroupns=host)",
  );
  check(
    machine.availableMemoryBytes >= NEEDED_MEMORY_BYTES,
    `${gib(machine.availableMemoryBytes)} GiB of memory are available, ${gib(NEEDED_MEMORY_BYTES)} GiB are needed`,
    "End what uses it, or use a larger machine",
  );
  check(
    machine.freeDiskBytes >= NEEDED_DISK_BYTES,
    `${gib(machine.freeDiskBytes)} GiB of disk are free beside the state directory, ${gib(NEEDED_DISK_BYTES)} GiB are needed`,
    "Free some, or move the checkout to a larger disk",
  );
  check(
    machine.hasFreeLink,
    `The machine has addresses in or routes to all of ${linkPool}, where the cluster's own link takes its addresses`,
    `Find the route with: ip route get ${linkPool.replace("0/16", "1")}, and narrow it`,
  );
  return found;
}

function gib(bytes: number): string {
  return (bytes / GIB).toFixed(1);
}
