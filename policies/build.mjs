// `npm run build`: compiles the pack to bin/, which the package contains. The tests and the launcher call it too.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const pack = import.meta.dirname;
const bin = join(pack, "bin");
const compiler = createRequire(import.meta.url).resolve("typescript");
/** File in bin/ with the digest of the sources it was compiled from. */
const stamp = "sources.sha256";

/** Whether bin/ is up to date with the sources. */
export function isCompiled() {
  const file = join(bin, stamp);
  return existsSync(file) && readFileSync(file, "utf8") === digest();
}

/** Compiles the sources if bin/ is outdated. Replaces bin/ as a whole or leaves it unchanged. */
export async function compile() {
  if (isCompiled()) return;
  await removeLeftovers();
  const sources = digest();
  const next = await mkdtemp(join(pack, ".bin-"));
  try {
    const args = [join(dirname(compiler), "tsc.js"), "-p", join(pack, "tsconfig.build.json"), "--outDir", next];
    await promisify(execFile)(process.execPath, args).catch(({ stdout }) => {
      throw new Error(`the policy pack does not compile:\n${stdout}`);
    });
    await writeFile(join(next, stamp), sources);
    await replace(next);
  } finally {
    await rm(next, { recursive: true, force: true });
  }
}

/** Removes temporary directories of killed runs. A compilation takes seconds, so an hour is safe. */
async function removeLeftovers() {
  const hour = 3_600_000;
  const left = readdirSync(pack)
    .filter((name) => name.startsWith(".bin-"))
    .map((name) => join(pack, name))
    .filter((directory) => Date.now() - (statSync(directory, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) > hour);
  await Promise.all(left.map((directory) => rm(directory, { recursive: true, force: true })));
}

/** Replaces bin/ by a directory. If another run replaced it in the meantime, that result is equivalent. */
async function replace(next) {
  const old = `${next}-old`;
  try {
    if (existsSync(bin)) await rename(bin, old);
    await rename(next, bin);
  } catch (error) {
    if (!isCompiled()) throw error;
  }
  await rm(old, { recursive: true, force: true });
}

/** A digest of everything that determines the compiler's output. */
function digest() {
  const files = readdirSync(pack, { recursive: true })
    .filter((file) => /^(?!bin|tests|node_modules|\.).*\.ts$|^tsconfig.*\.json$/.test(file))
    .sort();
  const version = readFileSync(join(dirname(dirname(compiler)), "package.json"));
  const hash = createHash("sha256").update(version);
  for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(join(pack, file)));
  return hash.digest("hex");
}

if (process.argv[1] === import.meta.filename) await compile();
