/**
 * `node --import quick-start.mjs program.ts` keeps what Node makes anew at every start, and which takes most of it:
 * compiled code, and TypeScript without its types. Both lie in the project's cache, under what they were made from.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { enableCompileCache, registerHooks, stripTypeScriptTypes } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const caches = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "bana-data-layer");
const stripped = join(caches, "stripped-types", process.version);

enableCompileCache(process.env.NODE_COMPILE_CACHE || join(caches, "node-compile-cache"));

/** Pulumi's SDK keeps a stack for each promise. To find its lines in source maps takes a sixth of a program's time, and is of no use where types are only stripped. */
const sourceMaps = "/node_modules/source-map-support/register.js";

/** All property values go through it: see `quick-struct.cjs`. */
const structs = "/node_modules/google-protobuf/google/protobuf/struct_pb.js";
const quickStruct = fileURLToPath(new URL("quick-struct.cjs", import.meta.url));

registerHooks({
  load(url, context, nextLoad) {
    if (url.endsWith(sourceMaps)) return { format: "commonjs", source: "", shortCircuit: true };
    if (url.endsWith(structs)) {
      const source = readFileSync(fileURLToPath(url), "utf8");
      const quickened = `${source}\nrequire(${JSON.stringify(quickStruct)})(exports);\n`;
      return { format: "commonjs", source: quickened, shortCircuit: true };
    }
    if (context.format !== "module-typescript") return nextLoad(url, context);
    const source = readFileSync(fileURLToPath(url), "utf8");
    const kept = join(stripped, createHash("sha1").update(source).digest("hex"));
    return { format: "module", source: read(kept) ?? write(kept, stripTypeScriptTypes(source)), shortCircuit: true };
  },
});

/** @returns {string | undefined} nothing when there is no such file. */
function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Whole or not at all: others start at the same time. A cache that cannot be written costs time and nothing else. */
function write(file, source) {
  try {
    mkdirSync(stripped, { recursive: true });
    writeFileSync(`${file}.${process.pid}`, source);
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // Read-only or full.
  }
  return source;
}
