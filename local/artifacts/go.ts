import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { PhaseLog } from "../report.ts";
import type { Inputs } from "./cache.ts";
import { run, withRetries } from "./command.ts";

/** A command built from one of the modules in `local/go`. */
export interface GoCommand {
  /** Name of the binary. */
  readonly name: string;
  /** Folder of the module in `local/go`. */
  readonly module: string;
  /** Import path; a relative path is a folder of the module. */
  readonly package: string;
  /** String variables to set at link time, by full name. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Pattern of packages compiled without optimization, which is very slow for some generated code. */
  readonly unoptimized?: string;
}

/** Files that replace or extend those of the module in a build: path in the module to path of the content. */
export type Overlay = Readonly<Record<string, string>>;

const MODULES = path.join(import.meta.dirname, "../go");
const DOWNLOAD_ATTEMPTS = 4;
/** The linker drops debug information anyway; generating it would take a fifth of the build time. */
const WITHOUT_DEBUG = "-dwarf=false";
// Overrides GOFLAGS and other settings of this machine, because builds must not depend on them.
const ENVIRONMENT = { CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOTOOLCHAIN: "local", GOWORK: "off" };

/** For compiler and linker: by default, the compiler spends a fifth of its time on garbage collection. */
const LARGE_HEAP = { GOGC: "off", GOMEMLIMIT: "2500MiB" };

/** Build inputs of a command: its own sources and the versions of all dependencies. */
export function goInputs(command: GoCommand): Inputs {
  const module = path.join(MODULES, command.module);
  const folder = path.join(module, command.package);
  const own = command.package.startsWith("./") ? readdirSync(folder).map((file) => path.join(folder, file)) : [];
  const files = [path.join(module, "go.mod"), path.join(module, "go.sum"), ...own];
  const content = createHash("sha256");
  for (const file of files) content.update(readFileSync(file));
  return { ...command, variables: command.variables ?? {}, content: content.digest("hex"), platform: process.arch };
}

/** Folder of the module `required` by the command's module; downloads it if missing. */
export async function moduleFolder(log: PhaseLog, { module }: GoCommand, required: string): Promise<string> {
  const options = { cwd: path.join(MODULES, module), env: ENVIRONMENT };
  log.note("downloading modules");
  const argv = ["go", "mod", "download", "-json", required] as const;
  const output = await withRetries(log, DOWNLOAD_ATTEMPTS, () => run(log, { argv, ...options }));
  return (JSON.parse(output) as { Dir: string }).Dir;
}

/**
 * Builds a command as a static binary into `directory`. An interrupted build resumes: Go caches downloaded modules and
 * compiled packages.
 */
export async function buildGo(
  log: PhaseLog,
  command: GoCommand,
  directory: string,
  overlay: Overlay = {},
): Promise<void> {
  const cwd = path.join(MODULES, command.module);
  const options = { cwd, env: ENVIRONMENT };
  const flags = ["-trimpath", "-buildvcs=false", `-gcflags=all=${WITHOUT_DEBUG}`];
  if (command.unoptimized !== undefined) flags.push(`-gcflags=${command.unoptimized}=${WITHOUT_DEBUG} -N -l`);
  const overlayFile = path.join(directory, "overlay.json");
  if (Object.keys(overlay).length > 0) {
    const absolute = Object.entries(overlay).map(([file, content]) => [path.join(cwd, file), content] as const);
    await writeFile(overlayFile, JSON.stringify({ Replace: Object.fromEntries(absolute) }));
    flags.push(`-overlay=${overlayFile}`);
  }
  log.note("downloading modules");
  const list = ["go", "list", ...flags, "-deps", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}", command.package] as const;
  const stale = await withRetries(log, DOWNLOAD_ATTEMPTS, () => run(log, { argv: list, ...options }));
  const total = lines(stale);
  log.note("compiling");
  const variables = Object.entries(command.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  let compiled = 0;
  const onProgress = (text: string): void => {
    compiled = Math.min(compiled + lines(text), total);
    log.progress(compiled, total, "packages compiled");
  };
  const output = path.join(directory, command.name);
  const link = ["-ldflags", ["-s", "-w", ...variables].join(" ")];
  await run(log, {
    argv: ["go", "build", ...flags, "-v", ...link, "-o", output, command.package],
    cwd,
    env: { ...ENVIRONMENT, ...LARGE_HEAP },
    onProgress,
  });
  await rm(overlayFile, { force: true });
}

const lines = (text: string): number => text.split("\n").length - 1;
