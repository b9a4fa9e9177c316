import type { RootFilesystem } from "../artifacts/rootfs.ts";
import { SHELL } from "./image.ts";

/** The machine that the cluster's node runs on: what a kubelet needs, and what Node.js needs to supervise it. */
export const nodeFilesystem: RootFilesystem = {
  debian: {
    suite: "bookworm",
    packages: [
      ...SHELL,
      "bash",
      "ca-certificates",
      "conntrack",
      "containerd",
      "containernetworking-plugins",
      "etcd-client",
      "etcd-server",
      "ethtool",
      "findutils",
      "gzip",
      "hostname",
      "iproute2",
      "iptables",
      "iputils-ping",
      "kmod",
      "libstdc++6",
      "mount",
      "netbase",
      "nftables",
      "procps",
      "runc",
      "socat",
      "tar",
      "tini",
      "util-linux",
    ],
  },
  directories: {
    "/opt/cni/bin": { mode: 0o755 },
    "/etc/cni/net.d": { mode: 0o755 },
    "/etc/ssl/certs": { mode: 0o755 },
    "/run/lock": { mode: 0o1777 },
    "/var/lib/containerd": { mode: 0o711 },
    "/var/lib/etcd": { mode: 0o700 },
    "/var/lib/kubelet": { mode: 0o755 },
    "/var/log": { mode: 0o755 },
  },
  files: {
    "/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "/etc/resolv.conf": "",
    "/etc/machine-id": "",
  },
  links: {
    // What Debian's package scripts would choose: iptables' rules go to nftables.
    ...Object.fromEntries(
      ["iptables", "iptables-save", "iptables-restore", "ip6tables", "ip6tables-save", "ip6tables-restore"].map(
        (name) => [`/usr/sbin/${name}`, name.replace("tables", "tables-nft")],
      ),
    ),
    "/usr/bin/awk": "mawk",
    "/var/run": "/run",
    "/var/lock": "/run/lock",
  },
};
