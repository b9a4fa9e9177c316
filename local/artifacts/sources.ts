import { createHash } from "node:crypto";
import { type Dirent, readdirSync, readFileSync, statSync } from "node:fs";
import { chmod, copyFile, mkdir } from "node:fs/promises";
import path from "node:path";

const IMAGES = path.join(import.meta.dirname, "../images");

/** Where a file or folder of `local/images` is on this machine. */
export function sourcePath(name: string): string {
  return path.join(IMAGES, name);
}

/** Sixteen hexadecimal digits that depend on the files' names, their content, and which of them can be executed. */
export function sourceDigest(name: string): string {
  const hash = createHash("sha256");
  for (const file of filesOf(name)) {
    const content = readFileSync(sourcePath(path.join(name, file)));
    hash.update(JSON.stringify([file, modeOf(path.join(name, file)), content.length])).update(content);
  }
  return hash.digest("hex").slice(0, 16);
}

/** Copies a file or folder of `local/images` to `target`, with modes 0755 and 0644 whatever the checkout's umask. */
export async function copySource(name: string, target: string): Promise<void> {
  for (const file of filesOf(name)) {
    const copy = path.join(target, file);
    await mkdir(path.dirname(copy), { recursive: true });
    await copyFile(sourcePath(path.join(name, file)), copy);
    await chmod(copy, modeOf(path.join(name, file)));
  }
}

/** Paths of the files in a folder, relative to it, in one order; only "" if it is a file. Tests stay behind. */
function filesOf(name: string): string[] {
  if (!statSync(sourcePath(name)).isDirectory()) return [""];
  const entries: Dirent[] = readdirSync(sourcePath(name), { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.includes(".test."))
    .map((entry) => path.relative(sourcePath(name), path.join(entry.parentPath, entry.name)))
    .sort();
}

function modeOf(name: string): number {
  return statSync(sourcePath(name)).mode & 0o100 ? 0o755 : 0o644;
}
