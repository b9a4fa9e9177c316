import { BUSYBOX, FLOCK, type Image, PATH } from "./image.ts";

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

// Debian's scripts, which are left out, would look for processes.
const POSTGRESQL_ONLY = { ...BUSYBOX.only, procps: [] };

const postgresqlPrograms = Object.fromEntries(
  POSTGRESQL_PROGRAMS.map((name) => [`/usr/local/bin/${name}`, `/usr/lib/postgresql/17/bin/${name}`]),
);

/** PostgreSQL and its clients. */
export const postgresql: Image = {
  reference: "local.bana/debian-postgresql:17",
  standsInFor: "docker.io/library/postgres:17-alpine",
  filesystem: {
    debian: {
      suite: "trixie",
      packages: [...BUSYBOX.packages, "postgresql-17", "tzdata", "util-linux"],
      only: { ...POSTGRESQL_ONLY, ...FLOCK },
      without: POSTGRESQL_WITHOUT,
    },
    users: [POSTGRES],
    directories: {
      "/var/lib/postgresql": { mode: 0o1777, owner: POSTGRES.id },
      "/var/lib/postgresql/data": { mode: 0o1777, owner: POSTGRES.id },
      "/var/run/postgresql": { mode: 0o3777, owner: POSTGRES.id },
      "/docker-entrypoint-initdb.d": { mode: 0o755 },
    },
    links: postgresqlPrograms,
    setup: [BUSYBOX.setup],
  },
  // No entry point: the upstream's script, which initializes an empty volume, is not Debian's.
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

/** PgBouncer and the clients of PostgreSQL. */
export const pgbouncer: Image = {
  reference: "local.bana/debian-pgbouncer:1.24",
  standsInFor: "ghcr.io/icoretech/pgbouncer-docker:1.24.1",
  filesystem: {
    debian: {
      suite: "trixie",
      packages: [...BUSYBOX.packages, "pgbouncer", "postgresql-client-17"],
      only: POSTGRESQL_ONLY,
      without: POSTGRESQL_WITHOUT,
    },
    users: [POSTGRES],
    directories: {
      "/etc/pgbouncer": { mode: 0o755, owner: POSTGRES.id },
      "/var/log/pgbouncer": { mode: 0o755, owner: POSTGRES.id },
      "/var/run/pgbouncer": { mode: 0o755, owner: POSTGRES.id },
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
