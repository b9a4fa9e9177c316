/** Gets the Pulumi CLI: from PATH, from npm's `pulumi` package, or built from its Go module. */
import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import path from "node:path";
import { cached, entryPath, type CacheKey } from "../local/artifacts/cache.ts";
import { buildGo, goInputs, type GoCommand } from "../local/artifacts/go.ts";
import type { Reporter } from "../local/report.ts";
import { downloaded } from "./downloads.ts";
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
 * `pulumi` package downloads, else, that download being impossible, one built from its Go module (some minutes, once).
 */
export async function pulumiCli(cacheDir: string, report: Reporter): Promise<PulumiCli> {
  const version = pinned("@pulumi/pulumi");
  const installed = await installedCli(version);
  if (installed !== undefined) return installed;
  const directory = await fromNpm(cacheDir, version, report);
  if (directory !== undefined) return { directory, hasLanguageHost: true };
  return { directory: await built(cacheDir, version, report), hasLanguageHost: false };
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

async function built(cacheDir: string, version: string, report: Reporter): Promise<string> {
  const command: GoCommand = {
    name: "pulumi",
    module: "../../launcher/go/pulumi",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": version },
  };
  const key: CacheKey = { cacheDir, name: "pulumi-cli", inputs: goInputs(command) };
  if (existsSync(entryPath(key))) return entryPath(key);
  if (onPath("go") === undefined) {
    throw new Error(
      `No Pulumi CLI: none of version ${version} or newer is on PATH, npm's package cannot download it, and there is no Go to build ` +
        "it with. Install one of them: https://www.pulumi.com/docs/install/ or https://go.dev/doc/install",
    );
  }
  return report.phase("Building the Pulumi CLI", (log) =>
    cached({
      ...key,
      onWait: () => log.note("another run builds it"),
      build: (directory) => buildGo(log, command, directory),
    }),
  );
}
