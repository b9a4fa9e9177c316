import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Paths that other installations of the same tools use, and that the embedded cluster must not touch. */
const foreignPaths = [
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

/** The parts of a machine's state that a cluster could change, one fact per entry. */
export type HostState = ReadonlySet<string>;

/** Collects mounts, links, routes, iptables tables, sysctls, cgroups of clusters and existing {@link foreignPaths}. */
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
    // other cgroups change with the machine's services
    ...folders("/sys/fs/cgroup")
      .filter((folder) => /bana-|kubepods/.test(folder))
      .map((folder) => `cgroup ${folder}`),
    ...foreignPaths.filter((path) => existsSync(path)).map((path) => `path ${path}`),
  ]);
}

/** Differences between two states, without those of clusters other than `id`. */
export function difference(before: HostState, after: HostState, id: string): string[] {
  const isOfOtherCluster = (fact: string): boolean => /bana-(\S+-)?[0-9a-f]{8}/.test(fact) && !fact.includes(id);
  const added = [...after].filter((fact) => !before.has(fact) && !isOfOtherCluster(fact)).map((fact) => `new: ${fact}`);
  const gone = [...before].filter((fact) => !after.has(fact) && !isOfOtherCluster(fact)).map((fact) => `gone: ${fact}`);
  return [...added, ...gone];
}

/** Processes of a cluster: its id or state directory is in their cgroup, command line, working or root directory. */
export function processesOf(id: string, stateDir: string): string[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && entry !== String(process.pid))
    .flatMap((pid) => {
      const command = text(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
      const facts = [text(`/proc/${pid}/cgroup`), command, target(`/proc/${pid}/cwd`), target(`/proc/${pid}/root`)];
      return facts.some((fact) => fact.includes(id) || names(fact, stateDir)) ? [`process ${pid} ${command}`] : [];
    });
}

/** Whether the text names the directory or something in it; `.state/e2e` is not named by `.state/e2e-production`. */
export function names(text: string, directory: string): boolean {
  return text
    .split(directory)
    .slice(1)
    .some((rest) => !/^[\w-]/.test(rest));
}

/** Packet filter rules of clusters on the host, listed with the iptables programs in a node's root file system. */
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

/** Content of a file; empty if the file is gone or this kernel does not have it. */
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
