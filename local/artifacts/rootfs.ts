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

/** Definition of a root file system, in order of assembly. Keys of records are absolute paths in it. */
export interface RootFilesystem {
  readonly debian?: PackageSet;
  /** Go binaries: path to name of the command. */
  readonly binaries?: Readonly<Record<string, string>>;
  /** Dependencies (JARs) of Maven projects: directory to pom.xml in `local/images`. */
  readonly maven?: Readonly<Record<string, string>>;
  /** npm packages: directory to folder in `local/images` with package.json and package-lock.json. */
  readonly npm?: Readonly<Record<string, string>>;
  /** Python packages: directory to requirements file in `local/images`. */
  readonly pip?: Readonly<Record<string, string>>;
  /** Version of the file system's Python, for packages with compiled code. @default that of this machine */
  readonly python?: string;
  /** Copied files and folders: path to name in `local/images`. */
  readonly copies?: Readonly<Record<string, string>>;
  /** Paths to delete from the result of the steps above. */
  readonly removals?: readonly string[];
  /** Users without a password, each with a group of the same name and id. */
  readonly users?: readonly {
    readonly name: string;
    readonly uid: number;
    readonly home: string;
    readonly shell: string;
  }[];
  /** Directories, created with their parents. `owner` is both uid and gid. @default owner 0 */
  readonly directories?: Readonly<Record<string, { readonly mode: number; readonly owner?: number }>>;
  /** Files: path to text; mode 0644. */
  readonly files?: Readonly<Record<string, string>>;
  /** Symbolic links: path to target. Replaces what exists at the path. */
  readonly links?: Readonly<Record<string, string>>;
  /** Commands to run last, as root, inside the file system and isolated from the machine. */
  readonly setup?: readonly (readonly [string, ...string[]])[];
}

// With /proc mounted, because programs such as java read their own path from it.
const ISOLATED = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"] as const;

/** Digests of the project files that a file system uses; undefined if it uses none. */
export function projectInputs({ maven = {}, npm = {}, pip = {}, copies = {} }: RootFilesystem): Inputs | undefined {
  const locks = Object.values(npm).map((folder) => path.join(folder, "package-lock.json"));
  const names = [...[maven, pip, copies].flatMap(Object.values<string>), ...locks];
  return names.length === 0 ? undefined : Object.fromEntries(names.map((name) => [name, sourceDigest(name)]));
}

/** Assembles a root file system in the empty directory `root`. `builtBinaries`: paths of Go binaries by command. */
export async function assemble(
  log: PhaseLog,
  cacheDir: string,
  root: string,
  filesystem: RootFilesystem,
  builtBinaries: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { debian, binaries = {}, maven = {}, npm = {}, pip = {}, copies = {}, removals = [] } = filesystem;
  const { users = [], directories = {}, files = {}, links = {}, setup = [] } = filesystem;
  if (debian) await unpack(log, cacheDir, root, debian);
  for (const [target, command] of Object.entries(binaries)) {
    const binary = builtBinaries[command];
    if (binary === undefined) throw new Error(`no binary was built for the command ${command} (${target})`);
    await copyFile(binary, await withParent(root, target));
  }
  for (const [target, pom] of Object.entries(maven)) {
    await copyDependencies(log, cacheDir, sourcePath(pom), await withParent(root, target));
  }
  for (const [target, folder] of Object.entries(npm)) {
    await installPackages(log, folder, path.join(root, target));
  }
  for (const [target, requirements] of Object.entries(pip)) {
    await installWheels(log, requirements, path.join(root, target), filesystem.python);
  }
  for (const [target, source] of Object.entries(copies)) {
    await copySource(source, await withParent(root, target));
  }
  for (const target of removals) await rm(path.join(root, target), { recursive: true });
  await mkdir(path.join(root, "etc"), { recursive: true });
  for (const { name, uid, home, shell } of users) {
    await appendFile(path.join(root, "etc/passwd"), `${name}:x:${uid}:${uid}::${home}:${shell}\n`);
    await appendFile(path.join(root, "etc/group"), `${name}:x:${uid}:\n`);
  }
  for (const [target, { mode, owner = 0 }] of Object.entries(directories)) {
    const directory = path.join(root, target);
    await mkdir(directory, { recursive: true });
    await chown(directory, owner, owner);
    // mkdir applies the umask to its mode.
    await chmod(directory, mode);
  }
  for (const [target, text] of Object.entries(files)) {
    await writeFile(await withParent(root, target), text);
  }
  for (const [link, target] of Object.entries(links)) {
    const file = await withParent(root, link);
    await rm(file, { recursive: true, force: true });
    await symlink(target, file);
  }
  for (const command of setup) {
    log.note(`running ${path.basename(command[0])}`);
    await run(log, { argv: [...ISOLATED, `--root=${root}`, ...command] });
  }
}

/** Path of `target` in `root`, with its parent directory created. */
async function withParent(root: string, target: string): Promise<string> {
  const file = path.join(root, target);
  await mkdir(path.dirname(file), { recursive: true });
  return file;
}
