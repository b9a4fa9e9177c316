import { BUSYBOX, FLOCK, type Image, PATH } from "./image.ts";

const POSTGRESQL_PROGRAMS = [
  "clusterdb createdb createuser dropdb dropuser initdb pg_amcheck pg_archivecleanup pg_basebackup pg_checksums",
  "pg_combinebackup pg_config pg_controldata pg_createsubscriber pg_ctl pg_dump pg_dumpall pg_isready pg_receivewal",
  "pg_recvlogical pg_resetwal pg_restore pg_rewind pg_test_fsync pg_test_timing pg_upgrade pg_verifybackup",
  "pg_waldump pg_walsummary pgbench postgres psql reindexdb vacuumdb",
].flatMap((line) => line.split(" "));

/** uid of the upstream images, which are based on Alpine (Debian's uid differs). */
const POSTGRES_USER = { name: "postgres", uid: 70, home: "/var/lib/postgresql", shell: "/bin/sh" };

// JIT compilation needs LLVM, a third of the image; without the library the server runs without JIT. Debian's cluster
// management scripts and Perl are not in the upstream image.
export const POSTGRESQL_EXCLUDES = [
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

// Only Debian's excluded scripts need procps.
const POSTGRESQL_ONLY_PATHS = { ...BUSYBOX.onlyPaths, procps: [] };

/** Links to the server's and clients' programs in a directory on PATH. */
export const postgresqlPrograms = Object.fromEntries(
  POSTGRESQL_PROGRAMS.map((name) => [`/usr/local/bin/${name}`, `/usr/lib/postgresql/17/bin/${name}`]),
);

/** PostgreSQL server and clients. */
export const postgresql: Image = {
  reference: "local.bana/debian-postgresql:17",
  upstream: "docker.io/library/postgres:17-alpine",
  filesystem: {
    debian: {
      suite: "trixie",
      packages: [...BUSYBOX.packages, "postgresql-17", "tzdata", "util-linux"],
      onlyPaths: { ...POSTGRESQL_ONLY_PATHS, ...FLOCK },
      excludes: POSTGRESQL_EXCLUDES,
    },
    users: [POSTGRES_USER],
    directories: {
      "/var/lib/postgresql": { mode: 0o1777, owner: POSTGRES_USER.uid },
      "/var/lib/postgresql/data": { mode: 0o1777, owner: POSTGRES_USER.uid },
      "/var/run/postgresql": { mode: 0o3777, owner: POSTGRES_USER.uid },
      "/docker-entrypoint-initdb.d": { mode: 0o755 },
    },
    links: postgresqlPrograms,
    setup: [BUSYBOX.setup],
  },
  // No entry point: Debian does not have the upstream script, which initializes an empty volume.
  config: {
    command: ["postgres"],
    env: {
      PATH,
      LANG: "C.UTF-8",
      PG_MAJOR: "17",
      PGDATA: "/var/lib/postgresql/data",
    },
  },
};

/** PgBouncer and PostgreSQL clients. */
export const pgbouncer: Image = {
  reference: "local.bana/debian-pgbouncer:1.24",
  upstream: "ghcr.io/icoretech/pgbouncer-docker:1.24.1",
  filesystem: {
    debian: {
      suite: "trixie",
      packages: [...BUSYBOX.packages, "pgbouncer", "postgresql-client-17"],
      onlyPaths: POSTGRESQL_ONLY_PATHS,
      excludes: POSTGRESQL_EXCLUDES,
    },
    users: [POSTGRES_USER],
    directories: {
      "/etc/pgbouncer": { mode: 0o755, owner: POSTGRES_USER.uid },
      "/var/log/pgbouncer": { mode: 0o755, owner: POSTGRES_USER.uid },
      "/var/run/pgbouncer": { mode: 0o755, owner: POSTGRES_USER.uid },
    },
    links: {
      "/usr/bin/pgbouncer": "/usr/sbin/pgbouncer",
      ...Object.fromEntries(
        ["psql", "pg_dump", "pg_isready", "pg_restore"].map((name) => [
          `/usr/bin/${name}`,
          `/usr/lib/postgresql/17/bin/${name}`,
        ]),
      ),
    },
    setup: [BUSYBOX.setup],
  },
  config: {
    user: "postgres",
    command: ["/usr/bin/pgbouncer", "/etc/pgbouncer/pgbouncer.ini"],
    env: { PATH },
  },
};
