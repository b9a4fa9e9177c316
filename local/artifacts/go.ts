import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { PhaseLog } from "../report.ts";
import type { Inputs } from "./cache.ts";
import { retried, run } from "./command.ts";

/** A command built from one of the modules in `local/go`. */
export interface GoCommand {
  /** The name of its binary. */
  readonly name: string;
  /** The module's folder in `local/go`. */
  readonly module: string;
  /** Import path; a relative one is a folder of the module. */
  readonly package: string;
  /** String variables set at link time, by their full name. */
  readonly variables?: Readonly<Record<string, string>>;
}

const MODULES = path.join(import.meta.dirname, "../go");
const DOWNLOAD_ATTEMPTS = 4;
const PROGRESS_INTERVAL_MS = 5_000;
// The module's own settings, whatever GOFLAGS and the like say on this machine: what is built must not depend on them.
const ENVIRONMENT = { CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOTOOLCHAIN: "local", GOWORK: "off" };

/** What a command is made from: its own sources, and the versions of everything else. */
export function goInputs(command: GoCommand): Inputs {
  const module = path.join(MODULES, command.module);
  const folder = path.join(module, command.package);
  const own = command.package.startsWith("./") ? readdirSync(folder).map((file) => path.join(folder, file)) : [];
  const files = [path.join(module, "go.mod"), path.join(module, "go.sum"), ...own];
  const content = createHash("sha256");
  for (const file of files) content.update(readFileSync(file));
  return { ...command, variables: command.variables ?? {}, content: content.digest("hex"), platform: process.arch };
}

/**
 * Builds a command as a static binary into `directory`. A download or build that broke off goes on from the modules it
 * had downloaded and the packages it had compiled: Go keeps them in caches of its own.
 */
export async function buildGo(log: PhaseLog, command: GoCommand, directory: string): Promise<void> {
  const options = { cwd: path.join(MODULES, command.module), env: ENVIRONMENT };
  log.note("downloading modules");
  await retried(log, DOWNLOAD_ATTEMPTS, () =>
    run(log, { argv: ["go", "list", "-deps", "-f", "{{with .Error}}{{.}}{{end}}", command.package], ...options }),
  );
  log.note("compiling");
  const variables = Object.entries(command.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  const flags = ["-trimpath", "-buildvcs=false", "-v", "-ldflags", ["-s", "-w", ...variables].join(" ")];
  let compiled = 0;
  let told = Date.now();
  const onProgress = (text: string): void => {
    compiled += text.split("\n").length - 1;
    if (Date.now() - told < PROGRESS_INTERVAL_MS) return;
    told = Date.now();
    log.note(`${compiled} packages compiled`);
  };
  const output = path.join(directory, command.name);
  await run(log, { argv: ["go", "build", ...flags, "-o", output, command.package], ...options, onProgress });
}
