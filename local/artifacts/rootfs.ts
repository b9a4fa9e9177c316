import { appendFile, chmod, chown, copyFile, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import type { PhaseLog } from "../report.ts";
import { type PackageSet, unpack } from "./debian.ts";

/** What a root file system consists of, in the order in which it is put together. Paths are absolute, inside of it. */
export interface RootFilesystem {
  readonly debian?: PackageSet;
  /** Our Go binaries: where each goes, and the name of its command. */
  readonly binaries?: Readonly<Record<string, string>>;
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
}

/** Puts a root file system together in the empty directory `root`. `built` are the paths of our Go binaries by name. */
export async function assemble(
  log: PhaseLog,
  cacheDir: string,
  root: string,
  { debian, binaries = {}, users = [], directories = {}, files = {}, links = {} }: RootFilesystem,
  built: Readonly<Record<string, string>> = {},
): Promise<void> {
  if (debian) await unpack(log, cacheDir, root, debian);
  for (const [place, command] of Object.entries(binaries)) {
    const binary = built[command];
    if (binary === undefined) throw new Error(`${place} is declared as the command ${command}, which is not built`);
    await copyFile(binary, await parentOf(root, place));
  }
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
}

async function parentOf(root: string, place: string): Promise<string> {
  const file = path.join(root, place);
  await mkdir(path.dirname(file), { recursive: true });
  return file;
}
