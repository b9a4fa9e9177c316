import type { RootFilesystem } from "../artifacts/rootfs.ts";
import { SHELL } from "./image.ts";

/** Root file system of the node: dependencies of the kubelet, and of Node.js for the supervisor. */
export const nodeFilesystem: RootFilesystem = {
  debian: {
    suite: "trixie",
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
    // The default of Debian's maintainer scripts: the nft variant.
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
