/** Gets the Pulumi CLI: from PATH, from npm's `pulumi` package, or built from its Go module. */
import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import path from "node:path";
import { buildGo, type GoCommand } from "../local/artifacts/go.ts";
import type { Reporter } from "../local/report.ts";
import { downloaded } from "./downloads.ts";
import { goBuilt, type GoBuild } from "./go-build.ts";
import { onPath, ran, succeeded } from "./programs.ts";
import { isAtLeast, pinned } from "./versions.ts";

export interface PulumiCli {
  /** Directory of `pulumi`. */
  readonly directory: string;
  /** Whether Pulumi's own `pulumi-language-nodejs`, which runs programs, lies beside it. */
  readonly hasLanguageHost: boolean;
}

const DOWNLOAD_MS = 300_000;
const VERSION_MS = 20_000;

/**
 * The Pulumi CLI: the one on PATH if it is at least as new as the SDK that package.json pins, else the one that npm's
 * `pulumi` package downloads; undefined if that download is impossible.
 */
export async function foundCli(cacheDir: string, report: Reporter): Promise<PulumiCli | undefined> {
  const version = pinned("@pulumi/pulumi");
  const installed = await installedCli(version);
  if (installed !== undefined) return installed;
  const directory = await fromNpm(cacheDir, version, report);
  return directory === undefined ? undefined : { directory, hasLanguageHost: true };
}

async function installedCli(wanted: string): Promise<PulumiCli | undefined> {
  const found = onPath("pulumi");
  if (found === undefined) return undefined;
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const { code, stdout } = await ran({ argv: [found, "version"], env, timeoutMs: VERSION_MS });
  const directory = path.dirname(await realpath(found));
  const hasLanguageHost = existsSync(path.join(directory, "pulumi-language-nodejs"));
  return code === 0 && isAtLeast(stdout, wanted) ? { directory, hasLanguageHost } : undefined;
}

async function fromNpm(cacheDir: string, version: string, report: Reporter): Promise<string | undefined> {
  const entry = await downloaded({
    key: { cacheDir, name: "pulumi-cli-npm", inputs: { version, arch: process.arch } },
    title: "Looking for a Pulumi CLI to download",
    report,
    fill: async (home, log) => {
      const argv = ["npm", "exec", "--yes", `--package=pulumi@${version}`, "--", "pulumi", "version"] as const;
      const env = { ...process.env, PULUMI_HOME: home };
      await succeeded({ argv, cwd: home, env, log: log.path, timeoutMs: DOWNLOAD_MS });
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

/** The Pulumi CLI built from its Go module: some minutes, once. */
export const cliBuild: GoBuild = {
  title: "Building the Pulumi CLI",
  name: "pulumi-cli",
  command,
  seconds: 200,
  instead: `none of version ${pinned("@pulumi/pulumi")} or newer is on PATH, and npm's package cannot download it`,
  build: (log, directory) => buildGo(log, command, directory),
};

export async function builtCli(cacheDir: string, report: Reporter): Promise<PulumiCli> {
  return { directory: await goBuilt(cliBuild, cacheDir, report), hasLanguageHost: false };
}
