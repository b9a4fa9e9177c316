import { createHash } from "node:crypto";
import { type Dirent, readdirSync, readFileSync, statSync } from "node:fs";
import { chmod, copyFile, mkdir } from "node:fs/promises";
import path from "node:path";

const IMAGES = path.join(import.meta.dirname, "../images");

/** Absolute path of a file or folder in `local/images`. */
export function sourcePath(name: string): string {
  return path.join(IMAGES, name);
}

/** Sixteen hexadecimal digits over the names, contents and executable bits of files. */
export function sourceDigest(name: string): string {
  const hash = createHash("sha256");
  for (const file of filesOf(name)) {
    const content = readFileSync(sourcePath(path.join(name, file)));
    hash.update(JSON.stringify([file, modeOf(path.join(name, file)), content.length])).update(content);
  }
  return hash.digest("hex").slice(0, 16);
}

/** Copies a file or folder of `local/images` to `target`, with mode 0755 or 0644 regardless of the checkout's umask. */
export async function copySource(name: string, target: string): Promise<void> {
  for (const file of filesOf(name)) {
    const copy = path.join(target, file);
    await mkdir(path.dirname(copy), { recursive: true });
    await copyFile(sourcePath(path.join(name, file)), copy);
    await chmod(copy, modeOf(path.join(name, file)));
  }
}

/** Sorted paths of the files in a folder, relative to it and without tests; [""] for a file. */
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
