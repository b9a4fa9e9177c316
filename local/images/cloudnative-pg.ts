import { type Image, PATH, SHELL } from "./image.ts";
import { POSTGRESQL_EXCLUDES, postgresqlPrograms } from "./postgresql.ts";

const ARCHITECTURE = { x64: "amd64" }[process.arch as string] ?? process.arch;

/** The operator; also the instance manager that it copies into the pods of its clusters. */
export const cloudNativePg: Image = {
  reference: "local.bana/go-cloudnative-pg:1.30.0",
  upstream: "ghcr.io/cloudnative-pg/cloudnative-pg:1.30.0",
  filesystem: {
    // The operator serves this file to instances whose manager is of another version.
    binaries: { [`/operator/manager_${ARCHITECTURE}`]: "cloudnative-pg" },
    directories: { "/tmp": { mode: 0o1777 } },
    links: { "/manager": `operator/manager_${ARCHITECTURE}` },
  },
  config: { user: "65532:65532", entrypoint: ["/manager"] },
};

/** uid of the upstream image; the operator's pods run with it. */
const POSTGRES_USER = { name: "postgres", uid: 26, home: "/var/lib/postgresql", shell: "/bin/sh" };

/** PostgreSQL for the operator's clusters, which start it by the instance manager. */
export const cloudNativePgPostgresql: Image = {
  reference: "local.bana/debian-cnpg-postgresql:17",
  upstream: "ghcr.io/cloudnative-pg/postgresql:17-standard-trixie",
  filesystem: {
    debian: {
      suite: "trixie",
      packages: [...SHELL, "findutils", "postgresql-17", "tzdata"],
      // Only Debian's excluded scripts need them.
      onlyPaths: { passwd: [], procps: [], "sysvinit-utils": [], "util-linux": [] },
      excludes: POSTGRESQL_EXCLUDES,
    },
    users: [POSTGRES_USER],
    directories: {
      "/var/lib/postgresql": { mode: 0o1777, owner: POSTGRES_USER.uid },
      "/var/run/postgresql": { mode: 0o3777, owner: POSTGRES_USER.uid },
    },
    links: { ...postgresqlPrograms, "/usr/bin/awk": "mawk" },
  },
  config: { user: "26", command: ["postgres"], env: { PATH, LANG: "C.UTF-8" } },
};

/** uid of the upstream image; the operator's pooler pods run with it. */
const PGBOUNCER_USER = { name: "pgbouncer", uid: 998, home: "/", shell: "/bin/sh" };

/** PgBouncer for the operator's poolers. */
export const cloudNativePgPooler: Image = {
  reference: "local.bana/debian-cnpg-pgbouncer:1.24",
  upstream: "ghcr.io/cloudnative-pg/pgbouncer:1.24.1",
  filesystem: {
    debian: {
      suite: "trixie",
      packages: [...SHELL, "findutils", "pgbouncer", "postgresql-client-17"],
      onlyPaths: { passwd: [], procps: [], "sysvinit-utils": [], "util-linux": [] },
      excludes: POSTGRESQL_EXCLUDES,
    },
    users: [PGBOUNCER_USER],
    links: {
      // The path that the instance manager starts.
      "/usr/bin/pgbouncer": "/usr/sbin/pgbouncer",
      "/usr/bin/psql": "/usr/lib/postgresql/17/bin/psql",
      "/usr/bin/awk": "mawk",
    },
  },
  config: { user: "998", command: ["/usr/bin/pgbouncer"], env: { PATH } },
};
