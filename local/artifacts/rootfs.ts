import { appendFile, chmod, chown, copyFile, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import type { PhaseLog } from "../report.ts";
import type { Inputs } from "./cache.ts";
import { run } from "./command.ts";
import { type PackageSet, unpack } from "./debian.ts";
import { copyDependencies } from "./maven.ts";
import { installPackages } from "./npm.ts";
import { installWheels } from "./pip.ts";
import { copySource, sourceDigest, sourcePath } from "./sources.ts";

/** What a root file system consists of, in the order in which it is put together. Paths are absolute, inside of it. */
export interface RootFilesystem {
  readonly debian?: PackageSet;
  /** Our Go binaries: where each goes, and the name of its command. */
  readonly binaries?: Readonly<Record<string, string>>;
  /** Directories for the Java archives that a Maven project depends on, each with its pom.xml in `local/images`. */
  readonly maven?: Readonly<Record<string, string>>;
  /** Directories for npm packages, each with its folder in `local/images` that has package.json and package-lock.json. */
  readonly npm?: Readonly<Record<string, string>>;
  /** Directories for Python packages, each with its requirements in `local/images`. */
  readonly pip?: Readonly<Record<string, string>>;
  /** Files and folders of `local/images`: where each goes, and its name there. */
  readonly copies?: Readonly<Record<string, string>>;
  /** Paths of what is not wanted of all that. */
  readonly removals?: readonly string[];
  /** Each is also a group of the same name and number, and has no password. */
  readonly users?: readonly {
    readonly name: string;
    readonly id: number;
    readonly home: string;
    readonly shell: string;
  }[];
  /** Made with all above them; `owner` is both user and group. @default owner 0 */
  readonly directories?: Readonly<Record<string, { readonly mode: number; readonly owner?: number }>>;
  /** Files with their text, mode 0644. */
  readonly files?: Readonly<Record<string, string>>;
  /** Symbolic links: where each is, and what it points to. A file or empty directory in its place gives way. */
  readonly links?: Readonly<Record<string, string>>;
  /** Commands of the file system, run inside of it as root when all else is there; of the machine they see nothing. */
  readonly setup?: readonly (readonly [string, ...string[]])[];
}

// A program that asks for its own path asks /proc.
const INSIDE = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"] as const;

/** The content of what a file system takes from this project: undefined if it takes nothing. */
export function projectInputs({ maven = {}, npm = {}, pip = {}, copies = {} }: RootFilesystem): Inputs | undefined {
  const locks = Object.values(npm).map((folder) => path.join(folder, "package-lock.json"));
  const names = [...[maven, pip, copies].flatMap(Object.values<string>), ...locks];
  return names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, sourceDigest(name)]));
}

/** Puts a root file system together in the empty directory `root`. `built` are the paths of our Go binaries by name. */
export async function assemble(
  log: PhaseLog,
  cacheDir: string,
  root: string,
  filesystem: RootFilesystem,
  built: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { debian, binaries = {}, maven = {}, npm = {}, pip = {}, copies = {}, removals = [] } = filesystem;
  const { users = [], directories = {}, files = {}, links = {}, setup = [] } = filesystem;
  if (debian) await unpack(log, cacheDir, root, debian);
  for (const [place, command] of Object.entries(binaries)) {
    const binary = built[command];
    if (binary === undefined) throw new Error(`${place} is declared as the command ${command}, which is not built`);
    await copyFile(binary, await parentOf(root, place));
  }
  for (const [place, pom] of Object.entries(maven)) {
    await copyDependencies(log, cacheDir, sourcePath(pom), await parentOf(root, place));
  }
  for (const [place, folder] of Object.entries(npm)) {
    await installPackages(log, folder, path.join(root, place));
  }
  for (const [place, requirements] of Object.entries(pip)) {
    await installWheels(log, requirements, path.join(root, place));
  }
  for (const [place, source] of Object.entries(copies)) {
    await copySource(source, await parentOf(root, place));
  }
  for (const place of removals) await rm(path.join(root, place), { recursive: true });
  await mkdir(path.join(root, "etc"), { recursive: true });
  for (const { name, id, home, shell } of users) {
    await appendFile(path.join(root, "etc/passwd"), `${name}:x:${id}:${id}::${home}:${shell}\n`);
    await appendFile(path.join(root, "etc/group"), `${name}:x:${id}:\n`);
  }
  for (const [place, { mode, owner = 0 }] of Object.entries(directories)) {
    const directory = path.join(root, place);
    await mkdir(directory, { recursive: true });
    await chown(directory, owner, owner);
    // mkdir's own mode is cut by the umask.
    await chmod(directory, mode);
  }
  for (const [place, text] of Object.entries(files)) {
    await writeFile(await parentOf(root, place), text);
  }
  for (const [place, target] of Object.entries(links)) {
    const link = await parentOf(root, place);
    await rm(link, { recursive: true, force: true });
    await symlink(target, link);
  }
  for (const command of setup) {
    log.note(`running ${path.basename(command[0])}`);
    await run(log, { argv: [...INSIDE, `--root=${root}`, ...command] });
  }
}

async function parentOf(root: string, place: string): Promise<string> {
  const file = path.join(root, place);
  await mkdir(path.dirname(file), { recursive: true });
  return file;
}
