// Compiles the pack to bin/, which is what ships: `npm run build`. The tests and the project's launcher do it, too.
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
/** What bin/ was compiled from, in bin/ itself. */
const stamp = "sources.sha256";

/** Whether bin/ is what the sources give. */
export function isCompiled() {
  const file = join(bin, stamp);
  return existsSync(file) && readFileSync(file, "utf8") === digest();
}

/** Compiles the sources, unless that is done already. What is in bin/ changes all at once, or not at all. */
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

/** Removes what runs left that were killed while they compiled, which takes seconds. */
async function removeLeftovers() {
  const hour = 3_600_000;
  const left = readdirSync(pack)
    .filter((name) => name.startsWith(".bin-"))
    .map((name) => join(pack, name))
    .filter((directory) => Date.now() - (statSync(directory, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) > hour);
  await Promise.all(left.map((directory) => rm(directory, { recursive: true, force: true })));
}

/** Puts a directory into the place of bin/. Where another run has done it meanwhile, its result is as good. */
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

/** A digest of all that decides what the compiler writes. */
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
