import { BUSYBOX, FLOCK, type Image, PATH } from "./image.ts";

// The number of the upstream's user, which owns the files on its volumes.
const REDIS = { name: "redis", id: 999, home: "/data", shell: "/bin/sh" };

const PROGRAMS = ["redis-benchmark", "redis-check-aof", "redis-check-rdb", "redis-cli", "redis-server"];

/** Redis Server and its clients. */
export const redis: Image = {
  reference: "local.bana/debian-redis:7.0",
  standsInFor: "docker.io/library/redis:7-alpine",
  filesystem: {
    debian: {
      suite: "bookworm",
      packages: [...BUSYBOX.packages, "redis-server", "redis-tools", "util-linux"],
      only: { ...BUSYBOX.only, ...FLOCK },
      without: ["etc/init.d", "etc/redis", "usr/lib/systemd", "lib/systemd", "usr/bin/*perl*", "usr/lib/*/perl*"],
    },
    users: [REDIS],
    directories: { "/data": { mode: 0o755, owner: REDIS.id } },
    links: Object.fromEntries(PROGRAMS.map((name) => [`/usr/local/bin/${name}`, `/usr/bin/${name}`])),
    setup: [BUSYBOX.setup],
  },
  // No entry point: the upstream's script only takes care of a start as root.
  config: { command: ["redis-server"], workingDirectory: "/data", env: { PATH } },
};
