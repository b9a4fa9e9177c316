import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import type { PhaseLog } from "../report.ts";
import { withLock } from "./cache.ts";
import { pipe, run, withRetries } from "./command.ts";

/** A Debian release. */
export type Suite = "bookworm" | "trixie";

/** Packages that, with their dependencies, make up a root file system. */
export interface PackageSet {
  readonly suite: Suite;
  /**
   * Package names. Essential packages such as a shell and coreutils must be listed: Debian packages do not declare
   * dependencies on them.
   */
  readonly packages: readonly string[];
  /**
   * Dependencies that are unpacked partially: the paths to unpack, relative to the root. An empty list skips a package
   * that something else replaces.
   */
  readonly onlyPaths?: Readonly<Record<string, readonly string[]>>;
  /** Patterns for tar's `--exclude`, relative to the root; documentation and translations are always excluded. */
  readonly excludes?: readonly string[];
}

const ATTEMPTS = 4;
const INDEX_LIFETIME_MS = 60 * 60 * 1000;
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const ALWAYS_EXCLUDED = [
  "usr/share/doc/*",
  "usr/share/man/*",
  "usr/share/info/*",
  "usr/share/lintian/*",
  "usr/share/locale/*",
];
// Tells apt that /bin, /lib, ... are already links (unpack() creates them). Otherwise apt installs usrmerge and perl.
const USR_IS_MERGED = "usr-is-merged";
const MERGED_DIRECTORIES = ["bin", "sbin", "lib", "lib64"];

/**
 * Unpacks packages and their dependencies into the directory `target`. Maintainer scripts do not run: users,
 * alternatives and so on are up to the caller; only Debian's base users exist. Uses the machine's archives, proxy and
 * keys, but keeps apt's state and the packages under `cacheDir`.
 * @throws Error with apt's message if a package is not available
 */
export async function unpack(log: PhaseLog, cacheDir: string, target: string, set: PackageSet): Promise<void> {
  const apt = path.join(cacheDir, "apt", set.suite);
  const archives = await withLock(path.join(cacheDir, "locks", `apt-${set.suite}`), async () => {
    const env = await configureApt(log, apt, set.suite);
    return withRetries(log, ATTEMPTS, () => download(log, apt, env, set.packages));
  });

  log.note(`unpacking ${archives.length} packages`);
  for (const directory of MERGED_DIRECTORIES) {
    await mkdir(path.join(target, "usr", directory), { recursive: true });
    await symlink(`usr/${directory}`, path.join(target, directory));
  }
  const { onlyPaths = {} } = set;
  const excludes = [...ALWAYS_EXCLUDED, ...(set.excludes ?? [])].map((pattern) => `--exclude=./${pattern}`);
  for (const archive of archives) {
    const paths = onlyPaths[packageOf(archive)];
    if (paths?.length === 0) continue;
    // dpkg-deb --extract would replace the merged /bin, /lib, ... links by directories.
    const extract = [
      "tar",
      "--extract",
      "--preserve-permissions",
      "--numeric-owner",
      "--keep-directory-symlink",
    ] as const;
    const members = paths?.map((file) => `./${file}`) ?? [];
    await pipe(["dpkg-deb", "--fsys-tarfile", archive], [...extract, "--directory", target, ...excludes, ...members]);
  }
  for (const table of ["passwd", "group"]) {
    const master = path.join(target, "usr/share/base-passwd", `${table}.master`);
    if (existsSync(master)) await copyFile(master, path.join(target, "etc", table));
  }
}

/** Writes an apt configuration with its own state directories. Returns the environment that selects it. */
async function configureApt(log: PhaseLog, apt: string, suite: Suite): Promise<Record<string, string>> {
  for (const directory of ["state/lists/partial", "cache/archives/partial"]) {
    await mkdir(path.join(apt, directory), { recursive: true });
  }
  await writeFile(path.join(apt, "state/status"), "");
  await writeFile(path.join(apt, "sources.list"), await sources(log, apt, suite));
  const machine = (await run(log, { argv: ["apt-config", "dump"] })).split("\n");
  const settings = [
    ...machine.filter((line) => /^Acquire::(?!IndexTargets|Languages|CompressionTypes)/.test(line)),
    `Dir::State "${apt}/state";`,
    `Dir::State::status "${apt}/state/status";`,
    `Dir::Cache "${apt}/cache";`,
    `Dir::Etc::main "/dev/null";`,
    `Dir::Etc::parts "/dev/null";`,
    `Dir::Etc::preferences "/dev/null";`,
    `Dir::Etc::preferencesparts "/dev/null";`,
    `Dir::Etc::sourcelist "${apt}/sources.list";`,
    `Dir::Etc::sourceparts "/dev/null";`,
    `Acquire::Languages "none";`,
    `APT::Install-Recommends "false";`,
    `APT::Sandbox::User "root";`,
  ];
  await writeFile(path.join(apt, "apt.conf"), settings.join("\n") + "\n");
  return { APT_CONFIG: path.join(apt, "apt.conf"), LC_ALL: "C" };
}

/** Sources for `suite` from the machine's own Debian archives, in apt's one-line format. */
async function sources(log: PhaseLog, apt: string, suite: Suite): Promise<string> {
  const release = await readFile("/etc/os-release", "utf8");
  const codename = /^VERSION_CODENAME=(.+)$/m.exec(release)?.[1] ?? "";
  const update = ["apt-get", "update", "--print-uris", "--option", `Dir::State=${apt}/state`] as const;
  const uris = await run(log, { argv: [...update] });
  const trust = existsSync(KEYRING) ? `[signed-by=${KEYRING}] ` : "";
  const lines = sourceLines(uris, codename, suite, trust);
  if (codename === "" || lines.length === 0) {
    throw new Error(
      `apt has no source for this machine's Debian release "${codename}": add one to /etc/apt/sources.list`,
    );
  }
  return lines.join("");
}

/** Source lines for `suite`, derived from the `apt-get update --print-uris` output for the release `codename`. */
export function sourceLines(printedUris: string, codename: string, suite: Suite, options = ""): string[] {
  const archives = [...printedUris.matchAll(/^'(\S+)\/dists\/([a-z]+)(-updates|-security)?\/InRelease'/gm)];
  const lines = archives
    .filter(([, , name]) => name === codename)
    .map(([, archive = "", , pocket = ""]) => `deb ${options}${archive} ${suite}${pocket} main\n`);
  return [...new Set(lines)];
}

/** Downloads packages and dependencies that are not downloaded yet. Returns the paths of all their archives. */
async function download(
  log: PhaseLog,
  apt: string,
  env: Record<string, string>,
  packages: readonly string[],
): Promise<string[]> {
  const indexStamp = path.join(apt, "state/indexes-read");
  if (!existsSync(indexStamp) || Date.now() - (await stat(indexStamp)).mtimeMs > INDEX_LIFETIME_MS) {
    log.note("updating the package indexes");
    await run(log, { argv: ["apt-get", "update", "--error-on=any"], env });
    await writeFile(indexStamp, "");
  }
  log.note("downloading packages");
  const install = ["apt-get", "--yes", "install", USR_IS_MERGED, ...packages] as const;
  try {
    await run(log, { argv: [...install, "--download-only"], env });
  } catch (error) {
    // The archive may have newer versions than the indexes: force an update on the next attempt.
    await rm(indexStamp);
    throw error;
  }
  const simulation = await run(log, { argv: [...install, "--simulate"], env });
  return archiveNames(simulation).map((file) => path.join(apt, "cache/archives", file));
}

/** Names of the archives that `apt-get install --simulate` lists, in that order. */
export function archiveNames(simulation: string): string[] {
  const installs = [...simulation.matchAll(/^Inst (\S+) \((\S+) .*\[(\w+)\]\)/gm)];
  return installs.map(
    ([, name = "", version = "", architecture = ""]) => `${name}_${version.replaceAll(":", "%3a")}_${architecture}.deb`,
  );
}

/** Package name of an archive. */
export function packageOf(archive: string): string {
  return path.basename(archive).split("_")[0] ?? "";
}
