/** Provides Pulumi's plugins: installed, downloaded, built from source, or the project's substitutes. */
import { mkdir, readlink, rm, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import type { Reporter } from "../local/report.ts";
import { tryDownload } from "./downloads.ts";
import { ensureBuilt, type GoBuild } from "./go-build.ts";
import { kubernetesProviderBuild } from "./kubernetes-provider.ts";
import type { PulumiCli } from "./pulumi-cli.ts";
import { isExecutable, onPath, outputOf } from "./programs.ts";
import { checkout, pinned } from "./versions.ts";

/** A plugin and its origin. */
export interface Plugin {
  /** A resource provider, or a language host. */
  readonly kind: "resource" | "language";
  readonly name: string;
  readonly version: string;
  /** Path of the executable. */
  readonly program: string;
  readonly origin: "PATH" | "Pulumi's plugin cache" | "downloaded" | "built" | "substitute";
}

export interface PluginOptions {
  readonly cacheDir: string;
  readonly cli: PulumiCli;
  /** PULUMI_HOME, in the state directory. */
  readonly home: string;
  readonly report: Reporter;
}

const DOWNLOAD_MS = 180_000;
const providers = ["kubernetes", "random"] as const;
/** Providers that can be built from a Go module. */
const goBuilds: Readonly<Record<string, GoBuild>> = { kubernetes: kubernetesProviderBuild };

/**
 * Finds every provider plugin that the program needs and links it into PULUMI_HOME. Order of preference: PATH (where
 * Pulumi finds it itself), the plugin cache of the user's own Pulumi, a download, a build from the Go module, the
 * substitute. The Node.js language host is substituted only if the CLI comes without it, as a CLI built here does.
 */
export async function linkPlugins(options: PluginOptions): Promise<readonly Plugin[]> {
  const plugins: Plugin[] = options.cli.hasLanguageHost
    ? []
    : [substitute("language", "nodejs", pinned("@pulumi/pulumi"))];
  for (const name of providers) {
    plugins.push(await findProvider(name, options));
  }
  for (const plugin of plugins) {
    if (plugin.origin !== "PATH") await link(plugin, options.home);
  }
  return plugins;
}

async function findProvider(name: string, options: PluginOptions): Promise<Plugin> {
  const kind = "resource";
  const version = pinned(`@pulumi/${name}`);
  const program = `pulumi-resource-${name}`;
  const onUserPath = onPath(program);
  if (onUserPath !== undefined) return { kind, name, version, program: onUserPath, origin: "PATH" };
  const userHome = process.env["PULUMI_HOME"] ?? path.join(homedir(), ".pulumi");
  const installed = path.join(userHome, "plugins", `resource-${name}-v${version}`, program);
  if (isExecutable(installed)) return { kind, name, version, program: installed, origin: "Pulumi's plugin cache" };
  const download = await downloadPlugin(name, version, options);
  if (download !== undefined) return { kind, name, version, program: download, origin: "downloaded" };
  const build = goBuilds[name];
  if (build === undefined) return substitute(kind, name, version);
  const directory = await ensureBuilt(build, options.cacheDir, options.report);
  return { kind, name, version, program: path.join(directory, program), origin: "built" };
}

function substitute(kind: Plugin["kind"], name: string, version: string): Plugin {
  const program = path.join(checkout, "plugins", "bin", `pulumi-${kind}-${name}`);
  return { kind, name, version, program, origin: "substitute" };
}

async function downloadPlugin(name: string, version: string, options: PluginOptions): Promise<string | undefined> {
  const { cacheDir, cli, report } = options;
  const entry = await tryDownload({
    key: { cacheDir, name: `pulumi-plugin-${name}`, inputs: { version, arch: process.arch } },
    title: `Looking for Pulumi's ${name} plugin to download`,
    report,
    fill: async (home, log) => {
      const argv = [path.join(cli.directory, "pulumi"), "plugin", "install", "resource", name, version] as const;
      const env = { ...process.env, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" };
      await outputOf({ argv, cwd: home, env, log: log.path, timeoutMs: DOWNLOAD_MS });
    },
  });
  return entry === undefined
    ? undefined
    : path.join(entry, "plugins", `resource-${name}-v${version}`, `pulumi-resource-${name}`);
}

/** Links a plugin to the path in PULUMI_HOME where Pulumi looks for an installed plugin of this version. */
async function link({ kind, name, version, program }: Plugin, home: string): Promise<void> {
  const target = path.join(home, "plugins", `${kind}-${name}-v${version}`, `pulumi-${kind}-${name}`);
  if ((await readlink(target).catch(() => undefined)) === program) return;
  await mkdir(path.dirname(target), { recursive: true });
  await rm(target, { force: true });
  await symlink(program, target);
}
