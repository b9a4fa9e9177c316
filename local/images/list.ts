import type { GoCommand } from "../artifacts/go.ts";
import type { ImageConfig } from "../artifacts/oci.ts";
import type { RootFilesystem } from "../artifacts/rootfs.ts";

/** A container image assembled on this machine, in place of one that would be pulled from a registry. */
export interface Image {
  /** What pods name. Never the upstream's name: it is not the same image. */
  readonly reference: string;
  /** The image whose interface it keeps: paths, users, entry point, environment. */
  readonly standsInFor: string;
  readonly filesystem: RootFilesystem;
  readonly config: ImageConfig;
}

// Both packages are told: one is what the servers say they are, the other what clients say in their user agent.
const kubernetesVersion = Object.fromEntries(
  ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((name) => [
    [`${name}.gitVersion`, "v1.34.2"],
    [`${name}.gitMajor`, "1"],
    [`${name}.gitMinor`, "34"],
  ]),
) as Readonly<Record<string, string>>;

/** The commands built from Go modules. Their versions stand in the modules' go.mod. */
export const goCommands = [
  { name: "kubernetes", module: ".", package: "./kubernetes", variables: kubernetesVersion },
  { name: "coredns", module: ".", package: "./coredns" },
  { name: "kube-network-policies", module: ".", package: "./kube-network-policies" },
  { name: "pause", module: ".", package: "./pause" },
  {
    name: "local-path-provisioner",
    module: "local-path-provisioner",
    package: "github.com/rancher/local-path-provisioner",
    variables: { "main.VERSION": "v0.0.30" },
  },
] as const satisfies readonly GoCommand[];

const SHELL = ["base-files", "base-passwd", "coreutils", "dash", "grep", "libc-bin", "mawk", "sed"];

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

const POSTGRESQL_PROGRAMS = [
  "clusterdb createdb createuser dropdb dropuser initdb pg_amcheck pg_archivecleanup pg_basebackup pg_checksums",
  "pg_combinebackup pg_config pg_controldata pg_createsubscriber pg_ctl pg_dump pg_dumpall pg_isready pg_receivewal",
  "pg_recvlogical pg_resetwal pg_restore pg_rewind pg_test_fsync pg_test_timing pg_upgrade pg_verifybackup",
  "pg_waldump pg_walsummary pgbench postgres psql reindexdb vacuumdb",
].flatMap((line) => line.split(" "));

/** The upstream's images are Alpine's, where PostgreSQL's user has this number (Debian's has another). */
const POSTGRES = { name: "postgres", id: 70, home: "/var/lib/postgresql", shell: "/bin/sh" };

// Compilation of expressions needs LLVM, a third of the image; a server that finds no such library does without it. The
// scripts that manage Debian's clusters, in Perl, would only stand beside the upstream's way to do it.
const POSTGRESQL_WITHOUT = [
  "usr/lib/postgresql/*/lib/bitcode",
  "usr/lib/postgresql/*/lib/llvmjit*",
  "usr/lib/x86_64-linux-gnu/libLLVM*",
  "usr/lib/aarch64-linux-gnu/libLLVM*",
  "usr/lib/x86_64-linux-gnu/libz3*",
  "usr/lib/aarch64-linux-gnu/libz3*",
  "usr/lib/*/perl*",
  "usr/bin/*perl*",
  "usr/bin/pg_*cluster*",
  "usr/share/perl*",
  "usr/share/i18n",
  "usr/lib/systemd",
  "etc/init.d",
];

const postgresqlPrograms = Object.fromEntries(
  POSTGRESQL_PROGRAMS.map((name) => [`/usr/local/bin/${name}`, `/usr/lib/postgresql/17/bin/${name}`]),
);

const BUSYBOX_APPLETS = [
  "[ awk base64 basename cat chmod chown cp cut date dd df dirname du echo env expr false find grep head hostname id ip",
  "kill ln ls mkdir mktemp mv nc nslookup ping printf ps pwd readlink rm rmdir sed seq sh sleep sort stat sync tail tar",
  "tee test timeout touch tr true uname uniq wc wget which xargs yes",
].flatMap((line) => line.split(" "));

/** Every image of the embedded cluster. */
export const images: readonly Image[] = [
  {
    reference: "local.bana/pause:3.10",
    standsInFor: "registry.k8s.io/pause:3.10",
    filesystem: { binaries: { "/pause": "pause" } },
    config: { user: "65535:65535", entrypoint: ["/pause"] },
  },
  {
    reference: "local.bana/coredns:1.14.1",
    standsInFor: "registry.k8s.io/coredns/coredns:v1.14.1",
    filesystem: { binaries: { "/coredns": "coredns" }, directories: { "/tmp": { mode: 0o1777 } } },
    config: { user: "65532:65532", entrypoint: ["/coredns"] },
  },
  {
    reference: "local.bana/local-path-provisioner:0.0.30",
    standsInFor: "docker.io/rancher/local-path-provisioner:v0.0.30",
    filesystem: {
      binaries: { "/usr/bin/local-path-provisioner": "local-path-provisioner" },
      directories: { "/tmp": { mode: 0o1777 } },
    },
    config: { entrypoint: ["/usr/bin/local-path-provisioner"], env: { PATH: "/usr/bin" } },
  },
  {
    reference: "local.bana/busybox:1",
    standsInFor: "docker.io/library/busybox:1",
    filesystem: {
      debian: { suite: "bookworm", packages: ["busybox-static"] },
      directories: { "/tmp": { mode: 0o1777 }, "/root": { mode: 0o700 } },
      users: [{ name: "root", id: 0, home: "/root", shell: "/bin/sh" }],
      links: Object.fromEntries(BUSYBOX_APPLETS.map((applet) => [`/usr/bin/${applet}`, "busybox"])),
    },
    config: { command: ["sh"], env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" } },
  },
  {
    reference: "local.bana/debian-postgresql:17",
    standsInFor: "docker.io/library/postgres:17-alpine",
    filesystem: {
      debian: {
        suite: "trixie",
        packages: [...SHELL, "findutils", "gzip", "postgresql-17", "procps", "tar", "tzdata", "util-linux"],
        without: POSTGRESQL_WITHOUT,
      },
      users: [POSTGRES],
      directories: {
        "/var/lib/postgresql": { mode: 0o1777, owner: POSTGRES.id },
        "/var/lib/postgresql/data": { mode: 0o1777, owner: POSTGRES.id },
        "/var/run/postgresql": { mode: 0o3777, owner: POSTGRES.id },
        "/docker-entrypoint-initdb.d": { mode: 0o755 },
      },
      links: { ...postgresqlPrograms, "/usr/bin/awk": "mawk" },
    },
    // No entry point: the upstream's script, which initializes an empty volume, is not Debian's.
    config: {
      command: ["postgres"],
      env: {
        PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        LANG: "C.UTF-8",
        PG_MAJOR: "17",
        PGDATA: "/var/lib/postgresql/data",
      },
    },
  },
  {
    reference: "local.bana/debian-pgbouncer:1.24",
    standsInFor: "ghcr.io/icoretech/pgbouncer-docker:1.24.1",
    filesystem: {
      debian: {
        suite: "trixie",
        packages: [...SHELL, "pgbouncer", "postgresql-client-17"],
        without: POSTGRESQL_WITHOUT,
      },
      users: [POSTGRES],
      directories: {
        "/etc/pgbouncer": { mode: 0o755, owner: POSTGRES.id },
        "/var/log/pgbouncer": { mode: 0o755, owner: POSTGRES.id },
        "/var/run/pgbouncer": { mode: 0o755, owner: POSTGRES.id },
      },
      links: {
        "/usr/bin/awk": "mawk",
        "/usr/bin/pgbouncer": "/usr/sbin/pgbouncer",
        ...Object.fromEntries(
          ["psql", "pg_dump", "pg_isready", "pg_restore"].map((name) => [
            `/usr/bin/${name}`,
            `/usr/lib/postgresql/17/bin/${name}`,
          ]),
        ),
      },
    },
    config: {
      user: "postgres",
      command: ["/usr/bin/pgbouncer", "/etc/pgbouncer/pgbouncer.ini"],
      env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" },
    },
  },
];
