import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import type { PhaseLog } from "../report.ts";
import { withLock } from "./cache.ts";
import { pipe, retried, run } from "./command.ts";

/** A Debian release. */
export type Suite = "bookworm" | "trixie";

/** Packages that, with all they depend on, make up a root file system. */
export interface PackageSet {
  readonly suite: Suite;
  /**
   * Names of packages. Nothing is taken for granted: a shell, coreutils and the like are named where they are wanted,
   * since Debian's packages do not declare that they depend on the essential ones.
   */
  readonly packages: readonly string[];
  /**
   * Packages that others depend on and that are not wanted whole: the paths of theirs that are unpacked, relative to the
   * root; none where something else takes a package's place.
   */
  readonly only?: Readonly<Record<string, readonly string[]>>;
  /** Paths left out, as tar's `--exclude` patterns relative to the root, beside documentation and translations. */
  readonly without?: readonly string[];
}

const ATTEMPTS = 4;
const INDEX_LIFETIME_MS = 60 * 60 * 1000;
const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const DOCUMENTATION = [
  "usr/share/doc/*",
  "usr/share/man/*",
  "usr/share/info/*",
  "usr/share/lintian/*",
  "usr/share/locale/*",
];
// Says to apt that /bin, /lib, ... are links already, as unpack() makes them: else it brings the tool (and perl) to do it.
const MERGED = "usr-is-merged";
const MERGED_DIRECTORIES = ["bin", "sbin", "lib", "lib64"];

/**
 * Unpacks packages and their dependencies into the directory `target`. Their maintainer scripts do not run, so that
 * whatever those would have set up (users, alternatives, ...) is up to the caller; only Debian's own base users exist.
 * The machine's archive, proxy and keys are used, but apt's state and the packages are kept under `cacheDir`.
 * @throws Error with apt's words when a package cannot be had
 */
export async function unpack(log: PhaseLog, cacheDir: string, target: string, set: PackageSet): Promise<void> {
  const apt = path.join(cacheDir, "apt", set.suite);
  const archives = await withLock(path.join(cacheDir, "locks", `apt-${set.suite}`), async () => {
    const env = await configureApt(log, apt, set.suite);
    return retried(log, ATTEMPTS, () => download(log, apt, env, set.packages));
  });

  log.note(`unpacking ${archives.length} packages`);
  for (const directory of MERGED_DIRECTORIES) {
    await mkdir(path.join(target, "usr", directory), { recursive: true });
    await symlink(`usr/${directory}`, path.join(target, directory));
  }
  const { only = {} } = set;
  const excludes = [...DOCUMENTATION, ...(set.without ?? [])].map((pattern) => `--exclude=./${pattern}`);
  for (const archive of archives) {
    const wanted = only[packageOf(archive)];
    if (wanted?.length === 0) continue;
    // dpkg-deb --extract would put plain directories in place of the merged /bin, /lib, ...
    const extract = [
      "tar",
      "--extract",
      "--preserve-permissions",
      "--numeric-owner",
      "--keep-directory-symlink",
    ] as const;
    const members = wanted?.map((file) => `./${file}`) ?? [];
    await pipe(["dpkg-deb", "--fsys-tarfile", archive], [...extract, "--directory", target, ...excludes, ...members]);
  }
  for (const table of ["passwd", "group"]) {
    const master = path.join(target, "usr/share/base-passwd", `${table}.master`);
    if (existsSync(master)) await copyFile(master, path.join(target, "etc", table));
  }
}

/** Writes an apt configuration that touches nothing of the machine's own state. Returns the environment that selects it. */
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

/** The machine's own Debian archives, in apt's one-line format, for another release. */
async function sources(log: PhaseLog, apt: string, suite: Suite): Promise<string> {
  const release = await readFile("/etc/os-release", "utf8");
  const codename = /^VERSION_CODENAME=(.+)$/m.exec(release)?.[1] ?? "";
  const update = ["apt-get", "update", "--print-uris", "--option", `Dir::State=${apt}/state`] as const;
  const uris = await run(log, { argv: [...update] });
  const trust = existsSync(KEYRING) ? `[signed-by=${KEYRING}] ` : "";
  const lines = sourceLines(uris, codename, suite, trust);
  if (codename === "" || lines.length === 0) {
    throw new Error(
      `apt has no source for this machine's own Debian release "${codename}": name one in /etc/apt/sources.list`,
    );
  }
  return lines.join("");
}

/** The sources of `suite`, one line each, from what `apt-get update --print-uris` prints for the release `codename`. */
export function sourceLines(printedUris: string, codename: string, suite: Suite, options = ""): string[] {
  const archives = [...printedUris.matchAll(/^'(\S+)\/dists\/([a-z]+)(-updates|-security)?\/InRelease'/gm)];
  const lines = archives
    .filter(([, , name]) => name === codename)
    .map(([, archive = "", , pocket = ""]) => `deb ${options}${archive} ${suite}${pocket} main\n`);
  return [...new Set(lines)];
}

/** Downloads the packages and all they depend on. Returns their files. What is there already is not fetched again. */
async function download(
  log: PhaseLog,
  apt: string,
  env: Record<string, string>,
  packages: readonly string[],
): Promise<string[]> {
  const indexesRead = path.join(apt, "state/indexes-read");
  if (!existsSync(indexesRead) || Date.now() - (await stat(indexesRead)).mtimeMs > INDEX_LIFETIME_MS) {
    log.note("reading the package indexes");
    await run(log, { argv: ["apt-get", "update", "--error-on=any"], env });
    await writeFile(indexesRead, "");
  }
  log.note("downloading packages");
  const install = ["apt-get", "--yes", "install", MERGED, ...packages] as const;
  try {
    await run(log, { argv: [...install, "--download-only"], env });
  } catch (error) {
    // The archive may have moved on to newer versions than the indexes tell of.
    await rm(indexesRead);
    throw error;
  }
  const plan = await run(log, { argv: [...install, "--simulate"], env });
  return plannedFiles(plan).map((file) => path.join(apt, "cache/archives", file));
}

/** The names of the archives that `apt-get install --simulate` would install, in that order. */
export function plannedFiles(plan: string): string[] {
  const chosen = [...plan.matchAll(/^Inst (\S+) \((\S+) .*\[(\w+)\]\)/gm)];
  return chosen.map(
    ([, name = "", version = "", architecture = ""]) => `${name}_${version.replaceAll(":", "%3a")}_${architecture}.deb`,
  );
}

/** The package that an archive of apt's holds. */
export function packageOf(archive: string): string {
  return path.basename(archive).split("_")[0] ?? "";
}
