/** Finds the Pulumi CLI on PATH, downloads it through npm's `pulumi` package, or builds it from its Go module. */
import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import path from "node:path";
import { buildGo, type GoCommand } from "../local/artifacts/go.ts";
import type { Reporter } from "../local/report.ts";
import { tryDownload } from "./downloads.ts";
import { ensureBuilt, type GoBuild } from "./go-build.ts";
import { onPath, outputOf, run } from "./programs.ts";
import { isAtLeast, pinned } from "./versions.ts";

export interface PulumiCli {
  /** Directory of `pulumi`. */
  readonly directory: string;
  /** Whether the directory also holds Pulumi's Node.js language host, `pulumi-language-nodejs`. */
  readonly hasLanguageHost: boolean;
}

const DOWNLOAD_MS = 300_000;
const VERSION_MS = 20_000;

/**
 * The Pulumi CLI on PATH, if it is at least as new as the SDK that package.json pins; otherwise the one that npm's
 * `pulumi` package downloads. Undefined if the download fails.
 */
export async function findCli(cacheDir: string, report: Reporter): Promise<PulumiCli | undefined> {
  const version = pinned("@pulumi/pulumi");
  const installed = await installedCli(version);
  if (installed !== undefined) return installed;
  const directory = await downloadCli(cacheDir, version, report);
  return directory === undefined ? undefined : { directory, hasLanguageHost: true };
}

async function installedCli(minimum: string): Promise<PulumiCli | undefined> {
  const program = onPath("pulumi");
  if (program === undefined) return undefined;
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const { code, stdout } = await run({ argv: [program, "version"], env, timeoutMs: VERSION_MS });
  const directory = path.dirname(await realpath(program));
  const hasLanguageHost = existsSync(path.join(directory, "pulumi-language-nodejs"));
  return code === 0 && isAtLeast(stdout, minimum) ? { directory, hasLanguageHost } : undefined;
}

async function downloadCli(cacheDir: string, version: string, report: Reporter): Promise<string | undefined> {
  const entry = await tryDownload({
    key: { cacheDir, name: "pulumi-cli-npm", inputs: { version, arch: process.arch } },
    title: "Looking for a Pulumi CLI to download",
    report,
    fill: async (home, log) => {
      const argv = ["npm", "exec", "--yes", `--package=pulumi@${version}`, "--", "pulumi", "version"] as const;
      const env = { ...process.env, PULUMI_HOME: home };
      await outputOf({ argv, cwd: home, env, log: log.path, timeoutMs: DOWNLOAD_MS });
    },
  });
  return entry === undefined ? undefined : path.join(entry, "versions", version, "bin");
}

const command: GoCommand = {
  name: "pulumi",
  module: "../../launcher/go/pulumi",
  package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
  variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": pinned("@pulumi/pulumi") },
};

/** Builds the Pulumi CLI from its Go module. Takes some minutes, once. */
export const cliBuild: GoBuild = {
  title: "Building the Pulumi CLI",
  name: "pulumi-cli",
  command,
  seconds: 200,
  reason: `version ${pinned("@pulumi/pulumi")} or newer is not on PATH, and npm's pulumi package could not download it`,
  build: (log, directory) => buildGo(log, command, directory),
};

export async function buildCli(cacheDir: string, report: Reporter): Promise<PulumiCli> {
  return { directory: await ensureBuilt(cliBuild, cacheDir, report), hasLanguageHost: false };
}
