import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Compiles the pack: tests that speak to it as the engine does run what ships. */
export default function build() {
  const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript")), "tsc.js");
  const project = join(import.meta.dirname, "..", "tsconfig.build.json");
  execFileSync(process.execPath, [compiler, "-p", project], { stdio: "inherit" });
}
