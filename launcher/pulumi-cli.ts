/** Gets the Pulumi CLI: from PATH, from npm's `pulumi` package, or built from its Go modules. */
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
  /** Directory with `pulumi` and `pulumi-language-nodejs`. */
  readonly directory: string;
  /** Where it comes from, in a few words for the reader. */
  readonly origin: string;
}

const DOWNLOAD_MS = 300_000;
const VERSION_MS = 20_000;
/** Its newest version that can be built by itself; engine and SDK of later versions work with it. */
const LANGUAGE_HOST_VERSION = "3.68.0";
const versionVariable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

/**
 * The Pulumi CLI: the one on PATH if it is at least as new as the SDK that package.json pins, else the one that npm's
 * `pulumi` package downloads, else, that download being impossible, one built from Go modules (about four minutes, once).
 */
export async function pulumiCli(cacheDir: string, report: Reporter): Promise<PulumiCli> {
  const version = pinned("@pulumi/pulumi");
  const installed = await installedCli(version);
  if (installed !== undefined) return installed;
  const directory = await fromNpm(cacheDir, version, report);
  if (directory !== undefined) return { directory, origin: `npm package pulumi ${version}` };
  return { directory: await built(cacheDir, version, report), origin: `built from Go modules, ${version}` };
}

async function installedCli(wanted: string): Promise<PulumiCli | undefined> {
  const found = onPath("pulumi");
  if (found === undefined) return undefined;
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const { code, stdout } = await ran({ argv: [found, "version"], env, timeoutMs: VERSION_MS });
  const directory = path.dirname(await realpath(found));
  const isUsable =
    code === 0 && isAtLeast(stdout, wanted) && existsSync(path.join(directory, "pulumi-language-nodejs"));
  return isUsable ? { directory, origin: `${found}, ${stdout.trim()}` } : undefined;
}

async function fromNpm(cacheDir: string, version: string, report: Reporter): Promise<string | undefined> {
  const entry = await downloaded({
    key: { cacheDir, name: "pulumi-cli-npm", inputs: { version, arch: process.arch } },
    title: "Downloading the Pulumi CLI",
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
  const commands: GoCommand[] = [
    {
      name: "pulumi-language-nodejs",
      module: "../../launcher/go/language-nodejs",
      package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
      variables: { [versionVariable]: LANGUAGE_HOST_VERSION },
    },
    {
      name: "pulumi",
      module: "../../launcher/go/pulumi",
      package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
      variables: { [versionVariable]: version },
    },
  ];
  const key: CacheKey = { cacheDir, name: "pulumi-cli", inputs: commands.map(goInputs) };
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
      build: async (directory) => {
        for (const command of commands) await buildGo(log, command, directory);
      },
    }),
  );
}
