import type { Image } from "./image.ts";

const BUSYBOX_APPLETS = [
  "[ awk base64 basename cat chmod chown cp cut date dd df dirname du echo env expr false find grep head hostname id ip",
  "kill ln ls mkdir mktemp mv nc nslookup ping printf ps pwd readlink rm rmdir sed seq sh sleep sort stat sync tail tar",
  "tee test timeout touch tr true uname uniq wc wget which xargs yes",
].flatMap((line) => line.split(" "));

/** Images of the cluster's own pods. */
export const clusterImages: readonly Image[] = [
  {
    reference: "local.bana/pause:3.10",
    upstream: "registry.k8s.io/pause:3.10",
    filesystem: { binaries: { "/pause": "pause" } },
    config: { user: "65535:65535", entrypoint: ["/pause"] },
  },
  {
    reference: "local.bana/coredns:1.14.1",
    upstream: "registry.k8s.io/coredns/coredns:v1.14.1",
    filesystem: { binaries: { "/coredns": "coredns" }, directories: { "/tmp": { mode: 0o1777 } } },
    config: { user: "65532:65532", entrypoint: ["/coredns"] },
  },
  {
    reference: "local.bana/local-path-provisioner:0.0.30",
    upstream: "docker.io/rancher/local-path-provisioner:v0.0.30",
    filesystem: {
      binaries: { "/usr/bin/local-path-provisioner": "local-path-provisioner" },
      directories: { "/tmp": { mode: 0o1777 } },
    },
    config: { entrypoint: ["/usr/bin/local-path-provisioner"], env: { PATH: "/usr/bin" } },
  },
  {
    reference: "local.bana/busybox:1",
    upstream: "docker.io/library/busybox:1",
    filesystem: {
      debian: { suite: "bookworm", packages: ["busybox-static"] },
      directories: { "/tmp": { mode: 0o1777 }, "/root": { mode: 0o700 } },
      users: [{ name: "root", uid: 0, home: "/root", shell: "/bin/sh" }],
      links: Object.fromEntries(BUSYBOX_APPLETS.map((applet) => [`/usr/bin/${applet}`, "busybox"])),
    },
    config: { command: ["sh"], env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" } },
  },
];
