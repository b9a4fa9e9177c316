/** Gives Pulumi its plugins: installed, downloaded or built ones, else the project's substitutes. */
import { mkdir, readlink, rm, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import type { Reporter } from "../local/report.ts";
import { downloaded } from "./downloads.ts";
import { goBuilt, type GoBuild } from "./go-build.ts";
import { kubernetesProviderBuild } from "./kubernetes-provider.ts";
import type { PulumiCli } from "./pulumi-cli.ts";
import { isExecutable, onPath, succeeded } from "./programs.ts";
import { checkout, pinned } from "./versions.ts";

/** A plugin and where it comes from. */
export interface Plugin {
  /** A provider of resources, or what runs programs of a language. */
  readonly kind: "resource" | "language";
  readonly name: string;
  readonly version: string;
  /** The program that Pulumi starts. */
  readonly program: string;
  readonly origin: "PATH" | "Pulumi's plugin cache" | "downloaded" | "built" | "substitute";
}

export interface PluginOptions {
  readonly cacheDir: string;
  readonly cli: PulumiCli;
  /** Pulumi's home directory in the project's own state. */
  readonly home: string;
  readonly report: Reporter;
}

const DOWNLOAD_MS = 180_000;
const providers = ["kubernetes", "random"] as const;
/** Providers that are Go modules. */
const builds: Readonly<Record<string, GoBuild>> = { kubernetes: kubernetesProviderBuild };

/**
 * Finds every provider plugin that the program needs and links it into Pulumi's home. One on PATH is found by Pulumi
 * itself, and preferred; then comes the plugin cache of the user's own Pulumi, then a download, then a build from its Go
 * module; a substitute is last.
 * What runs the program is part of every CLI that was not built here.
 */
export async function linkPlugins(options: PluginOptions): Promise<readonly Plugin[]> {
  const plugins: Plugin[] = options.cli.hasLanguageHost
    ? []
    : [substitute("language", "nodejs", pinned("@pulumi/pulumi"))];
  for (const name of providers) {
    plugins.push(await find(name, options));
  }
  for (const plugin of plugins) {
    if (plugin.origin !== "PATH") await link(plugin, options.home);
  }
  return plugins;
}

async function find(name: string, options: PluginOptions): Promise<Plugin> {
  const kind = "resource";
  const version = pinned(`@pulumi/${name}`);
  const program = `pulumi-resource-${name}`;
  const ambient = onPath(program);
  if (ambient !== undefined) return { kind, name, version, program: ambient, origin: "PATH" };
  const users = process.env["PULUMI_HOME"] ?? path.join(homedir(), ".pulumi");
  const installed = path.join(users, "plugins", `resource-${name}-v${version}`, program);
  if (isExecutable(installed)) return { kind, name, version, program: installed, origin: "Pulumi's plugin cache" };
  const download = await fromPulumi(name, version, options);
  if (download !== undefined) return { kind, name, version, program: download, origin: "downloaded" };
  const source = builds[name];
  if (source === undefined) return substitute(kind, name, version);
  const directory = await goBuilt(source, options.cacheDir, options.report);
  return { kind, name, version, program: path.join(directory, program), origin: "built" };
}

function substitute(kind: Plugin["kind"], name: string, version: string): Plugin {
  const program = path.join(checkout, "plugins", "bin", `pulumi-${kind}-${name}`);
  return { kind, name, version, program, origin: "substitute" };
}

async function fromPulumi(name: string, version: string, options: PluginOptions): Promise<string | undefined> {
  const { cacheDir, cli, report } = options;
  const entry = await downloaded({
    key: { cacheDir, name: `pulumi-plugin-${name}`, inputs: { version, arch: process.arch } },
    title: `Looking for Pulumi's ${name} plugin to download`,
    report,
    fill: async (home, log) => {
      const argv = [path.join(cli.directory, "pulumi"), "plugin", "install", "resource", name, version] as const;
      const env = { ...process.env, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" };
      await succeeded({ argv, cwd: home, env, log: log.path, timeoutMs: DOWNLOAD_MS });
    },
  });
  return entry === undefined
    ? undefined
    : path.join(entry, "plugins", `resource-${name}-v${version}`, `pulumi-resource-${name}`);
}

/** Puts a plugin where Pulumi looks for an installed one of its version. */
async function link({ kind, name, version, program }: Plugin, home: string): Promise<void> {
  const place = path.join(home, "plugins", `${kind}-${name}-v${version}`, `pulumi-${kind}-${name}`);
  if ((await readlink(place).catch(() => undefined)) === program) return;
  await mkdir(path.dirname(place), { recursive: true });
  await rm(place, { force: true });
  await symlink(program, place);
}
