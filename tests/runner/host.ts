import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Places that other installations of the same tools use, and that the embedded cluster has to leave alone. */
const foreign = [
  ...[
    "/etc/cni",
    "/opt/cni",
    "/var/lib/cni",
    "/var/lib/kubelet",
    "/var/lib/etcd",
    "/var/lib/containerd",
    "/var/lib/rancher",
  ],
  ...["/run/containerd", "/run/netns", "/run/xtables.lock", "/etc/containerd", "/etc/kubernetes", "/var/log/pods"],
  ...[".kube", ".pulumi"].map((folder) => join(homedir(), folder)),
];

/** A machine's state, as far as a cluster could change it; each line is a fact. */
export type HostState = ReadonlySet<string>;

/** Takes down mounts, network links and addresses, routes, kernel settings, cgroups of clusters and the files of {@link foreign}. */
export function hostState(): HostState {
  return new Set([
    ...lines("/proc/self/mountinfo").map((line) => `mount ${line.split(" ")[4] ?? line}`),
    ...readdirSync("/sys/class/net").map((link) => `network link ${link}`),
    ...lines("/proc/net/route").map((line) => `route ${line.trim()}`),
    ...lines("/proc/net/ip_tables_names").map((table) => `iptables table ${table}`),
    ...[
      "net/ipv4/ip_forward",
      "net/ipv4/conf/all/rp_filter",
      "net/ipv4/conf/default/rp_filter",
      "kernel/panic",
      "vm/overcommit_memory",
    ].flatMap((name) => lines(`/proc/sys/${name}`).map((value) => `kernel setting ${name}=${value}`)),
    // the machine's own services come and go
    ...folders("/sys/fs/cgroup")
      .filter((folder) => /bana-|kubepods/.test(folder))
      .map((folder) => `cgroup ${folder}`),
    ...foreign.filter((path) => existsSync(path)).map((path) => `path ${path}`),
  ]);
}

/** What differs between two states, without what belongs to clusters other than the one with the identity `id`. */
export function difference(before: HostState, after: HostState, id: string): string[] {
  const foreignTo = (fact: string): boolean => /bana-(\S+-)?[0-9a-f]{8}/.test(fact) && !fact.includes(id);
  const added = [...after].filter((fact) => !before.has(fact) && !foreignTo(fact)).map((fact) => `new: ${fact}`);
  const gone = [...before].filter((fact) => !after.has(fact) && !foreignTo(fact)).map((fact) => `gone: ${fact}`);
  return [...added, ...gone];
}

/** Processes that belong to a cluster: in its cgroups, or with its state folder as their place or on their command line. */
export function processesOf(id: string, stateDir: string): string[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && entry !== String(process.pid))
    .flatMap((pid) => {
      const command = text(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
      const traces = [text(`/proc/${pid}/cgroup`), command, target(`/proc/${pid}/cwd`), target(`/proc/${pid}/root`)];
      return traces.some((trace) => trace.includes(id) || trace.includes(stateDir))
        ? [`process ${pid} ${command}`]
        : [];
    });
}

/** Packet filter rules of clusters on this machine itself, asked by the tools in a root file system that has them. */
export function packetFilterRules(rootfs: string): string[] {
  const tools = ["iptables-legacy-save", "iptables-nft-save"].filter((tool) =>
    existsSync(join(rootfs, "usr/sbin", tool)),
  );
  const saved = tools.map((tool) =>
    execFileSync("chroot", [rootfs, `/usr/sbin/${tool}`], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
  );
  return saved
    .flatMap((rules) => rules.split("\n"))
    .filter((rule) => /KUBE-|BANA-|CNI-|bana-/.test(rule))
    .map((rule) => `packet filter rule ${rule}`);
}

function lines(path: string): string[] {
  return text(path)
    .split("\n")
    .filter((line) => line !== "");
}

/** Content of a file that may vanish or that this kernel may not have. */
function text(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function target(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return "";
  }
}

function folders(top: string): string[] {
  return readdirSync(top, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory()) return [];
    const path = join(top, entry.name);
    return [path, ...folders(path)];
  });
}
