import { BUSYBOX, FLOCK, type Image, PATH } from "./image.ts";

// uid of the upstream image: it owns the files on the volumes.
const REDIS_USER = { name: "redis", uid: 999, home: "/data", shell: "/bin/sh" };

const PROGRAMS = ["redis-benchmark", "redis-check-aof", "redis-check-rdb", "redis-cli", "redis-server"];

/** Redis server and command-line tools. */
export const redis: Image = {
  reference: "local.bana/debian-redis:7.0",
  upstream: "docker.io/library/redis:7-alpine",
  filesystem: {
    debian: {
      suite: "bookworm",
      packages: [...BUSYBOX.packages, "redis-server", "redis-tools", "util-linux"],
      onlyPaths: { ...BUSYBOX.onlyPaths, ...FLOCK },
      excludes: ["etc/init.d", "etc/redis", "usr/lib/systemd", "lib/systemd", "usr/bin/*perl*", "usr/lib/*/perl*"],
    },
    users: [REDIS_USER],
    directories: { "/data": { mode: 0o755, owner: REDIS_USER.uid } },
    links: Object.fromEntries(PROGRAMS.map((name) => [`/usr/local/bin/${name}`, `/usr/bin/${name}`])),
    setup: [BUSYBOX.setup],
  },
  // No entry point: the upstream script only handles a start as root.
  config: { command: ["redis-server"], workingDirectory: "/data", env: { PATH } },
};
