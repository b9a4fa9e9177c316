import { type Image, PATH } from "./image.ts";

const PACKAGES = "/usr/local/lib/python3.13/dist-packages";
const TOOL = "/usr/local/lib/barman/tool.py";

const PROGRAMS = [
  "backup backup-delete backup-keep backup-list backup-show check-wal-archive restore wal-archive wal-restore",
].flatMap((line) => line.split(" "));

/** The Barman Cloud plugin: its part that runs once, beside the operator. */
export const barmanCloud: Image = {
  reference: "local.bana/go-plugin-barman-cloud:0.14.0",
  upstream: "ghcr.io/cloudnative-pg/plugin-barman-cloud:v0.14.0",
  filesystem: { binaries: { "/manager": "plugin-barman-cloud" }, directories: { "/tmp": { mode: 0o1777 } } },
  config: { user: "65532:65532", entrypoint: ["/manager"] },
};

/** The part that runs beside each PostgreSQL server, with Barman's tools for S3; those for Azure and Google are left out. */
export const barmanCloudSidecar: Image = {
  reference: "local.bana/pypi-barman-sidecar:0.14.0",
  upstream: "ghcr.io/cloudnative-pg/plugin-barman-cloud-sidecar:v0.14.0",
  filesystem: {
    debian: {
      suite: "trixie",
      packages: ["base-files", "base-passwd", "ca-certificates", "libstdc++6", "python3", "python3-psycopg2", "tzdata"],
      onlyPaths: { debconf: [], openssl: [] },
      excludes: ["usr/bin/*perl*", "usr/lib/*/perl*", "usr/share/perl*"],
    },
    binaries: { "/manager": "plugin-barman-cloud" },
    pip: { [PACKAGES]: "barman-cloud/requirements.txt" },
    python: "3.13",
    copies: { [TOOL]: "barman-cloud/tool.py" },
    // Scripts that pip generated, for another Python.
    removals: [`${PACKAGES}/bin`],
    users: [{ name: "postgres", uid: 26, home: "/var/lib/postgresql", shell: "/usr/sbin/nologin" }],
    directories: { "/tmp": { mode: 0o1777 }, "/var/lib/postgresql": { mode: 0o755, owner: 26 } },
    links: Object.fromEntries(PROGRAMS.map((name) => [`/usr/local/bin/barman-cloud-${name}`, TOOL])),
    // Each archived WAL file starts a Python. The image's files have no modification times to compare with.
    setup: [
      ["/usr/bin/python3", "-m", "compileall", "-q", "--invalidation-mode=unchecked-hash", "/usr/lib/python3.13"],
      ["/usr/bin/python3", "-m", "compileall", "-q", "--invalidation-mode=unchecked-hash", PACKAGES],
    ],
  },
  config: { user: "26", entrypoint: ["/manager"], env: { PATH, LANG: "C.UTF-8" } },
};
