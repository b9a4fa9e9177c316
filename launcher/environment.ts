/** All that `pulumi` needs to work on a stack of the project: tools, cluster, state, configuration. */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readlink, rm, symlink } from "node:fs/promises";
import { devNull, homedir } from "node:os";
import path from "node:path";
import { parse } from "yaml";
import { missingArtifacts, start, type Cluster } from "../local/index.ts";
import { writeAtomically } from "../local/node/spec.ts";
import type { Reporter } from "../local/report.ts";
import { configurationFiles, refreshConfiguration, type Mapping } from "./configuration.ts";
import { contextOf } from "./contexts.ts";
import { isBuilt } from "./go-build.ts";
import { kubernetesProviderBuild } from "./kubernetes-provider.ts";
import { linkPlugins, type Plugin } from "./plugins.ts";
import { preparePolicyPack } from "./policy-pack.ts";
import type { ExpectedWork } from "./remaining-work.ts";
import { succeeded } from "./programs.ts";
import { builtCli, cliBuild, foundCli, type PulumiCli } from "./pulumi-cli.ts";
import type { ScreenReporter } from "./report.ts";
import { checkout } from "./versions.ts";

/** The stack that the launcher works on, wherever its cluster is. */
export const stack = "local";
export const project = (parse(readFileSync(path.join(checkout, "Pulumi.yaml"), "utf8")) as { name: string }).name;

/** What the launcher works on: an embedded cluster of its own, or one that the user names. */
export interface Target {
  /** Name of the state directory below `.state`, and of the embedded cluster. */
  readonly name: string;
  /** A context of the user's kubeconfig; the cluster is then theirs, and never started or stopped. */
  readonly context?: string;
}

export interface Environment {
  readonly cluster: Pick<Cluster, "kubeconfig" | "context"> & { readonly kubectl?: string };
  readonly stateDir: string;
  /** The configuration that Pulumi reads and writes, in the state directory. */
  readonly configFile: string;
  /** Environment variables that Pulumi needs besides those of this process. */
  readonly env: Readonly<Record<string, string>>;
  /** Directory of Pulumi's file backend. */
  readonly backend: string;
  readonly plugins: readonly Plugin[];
  readonly report: Reporter;
}

/** Where downloads and builds are kept, outside the checkout: `$XDG_CACHE_HOME/bana-data-layer`. */
export function cacheDirectory(): string {
  const caches = process.env["XDG_CACHE_HOME"];
  return path.join(caches === undefined || caches === "" ? path.join(homedir(), ".cache") : caches, "bana-data-layer");
}

/** Directory of everything that belongs to one target: Pulumi's state lies in the embedded cluster's, and goes with its data. */
export function stateDirectory(name: string): string {
  return path.join(checkout, ".state", name);
}

/** The embedded cluster of this name. */
export function clusterOptions(name: string, report: Reporter) {
  return { name, stateDir: stateDirectory(name), cacheDir: cacheDirectory(), report };
}

/** Where Pulumi's things of one target lie. */
function layout(name: string) {
  const directory = path.join(stateDirectory(name), "pulumi");
  return {
    directory,
    backend: path.join(directory, "backend"),
    home: path.join(directory, "home"),
    passphrase: path.join(directory, "passphrase"),
  };
}

/**
 * Gets tools and cluster ready, side by side, and the stack with its configuration on top of them. Does only what is
 * missing. The cluster stays up when this process ends.
 */
export async function prepare(target: Target | string, report: ScreenReporter): Promise<Environment> {
  const { name, context } = typeof target === "string" ? { name: target } : target;
  const theirs = context === undefined ? undefined : contextOf(context);
  await mkdir(layout(name).directory, { recursive: true, mode: 0o700 });
  const cli = await foundCli(cacheDirectory(), report);
  report.announce(firstStart({ builds: cli === undefined ? pulumiBuilds : [], hasCluster: theirs !== undefined }));
  const [tools, cluster] = await Promise.all([
    prepareTools(name, cli, report),
    theirs ?? start(clusterOptions(name, report)),
  ]);
  const environment = { ...describe(name, cluster, tools.directory), plugins: tools.plugins, report };
  await refreshConfiguration(files(name), source(cluster.context, theirs !== undefined));
  await selectStack(name, environment);
  return environment;
}

/** What of Pulumi is built where the CLI cannot be downloaded: the provider cannot be either, then. */
const pulumiBuilds = [cliBuild, kubernetesProviderBuild];

/** The phases of a start that take long, as far as they are still to come. */
function firstStart({ builds, hasCluster }: { builds: typeof pulumiBuilds; hasCluster: boolean }): ExpectedWork {
  const cacheDir = cacheDirectory();
  const open = builds
    .filter((build) => !isBuilt(build, cacheDir))
    .map(({ title, seconds }) => [title, seconds] as const);
  return new Map([...(hasCluster ? [] : missingArtifacts(cacheDir)), ...open]);
}

/** Makes the stack if there is none yet. */
async function selectStack(name: string, environment: Environment): Promise<void> {
  await environment.report.phase("Preparing the stack", async (log) => {
    await mkdir(environment.backend, { recursive: true, mode: 0o700 });
    const { current } = files(name);
    const argv = ["pulumi", "--cwd", current, "stack", "select", "--create", stack, "--non-interactive"] as const;
    await succeeded({ argv, env: pulumiEnvironment(environment), log: log.path });
  });
}

/** The whole environment for a Pulumi that works on the stack; settings of the user's own Pulumi have no part in it. */
export function pulumiEnvironment({ env }: Pick<Environment, "env">): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("PULUMI_"));
  return { ...Object.fromEntries(inherited), ...env };
}

/** The environment of a target whatever its cluster is doing; before its first start, with a stack that is still empty. */
export async function existing(
  { name, context }: Target,
  cluster: Environment["cluster"],
  report: Reporter,
): Promise<Environment> {
  await mkdir(layout(name).directory, { recursive: true, mode: 0o700 });
  const tools = await prepareTools(name, await foundCli(cacheDirectory(), report), report);
  const environment = { ...describe(name, cluster, tools.directory), plugins: tools.plugins, report };
  await refreshConfiguration(files(name), source(cluster.context, context !== undefined));
  if (!existsSync(environment.backend)) await selectStack(name, environment);
  return environment;
}

async function prepareTools(name: string, found: PulumiCli | undefined, report: Reporter) {
  const cacheDir = cacheDirectory();
  const [cli] = await Promise.all([found ?? builtCli(cacheDir, report), preparePolicyPack(report)]);
  const { home, passphrase } = layout(name);
  const plugins = await linkPlugins({ cacheDir, cli, home, report });
  await keepNoDebugLog(home);
  if (!existsSync(passphrase)) await writeAtomically(passphrase, `${randomBytes(32).toString("base64url")}\n`);
  return { directory: cli.directory, plugins };
}

/**
 * Pulumi writes all that it could say for debugging into its home, compressed and encrypted, at a quarter of its work; it
 * goes on without where it cannot. What `npm start` shows has logs of its own.
 */
async function keepNoDebugLog(home: string): Promise<void> {
  const logs = path.join(home, "logs");
  if ((await readlink(logs).catch(() => undefined)) === devNull) return;
  await rm(logs, { recursive: true, force: true });
  await symlink(devNull, logs);
}

function describe(name: string, cluster: Environment["cluster"], cli: string): Omit<Environment, "plugins" | "report"> {
  const { backend, home, passphrase } = layout(name);
  const configFile = files(name).working;
  const env = {
    PATH: [cli, path.join(checkout, "node_modules", ".bin"), process.env["PATH"]].join(path.delimiter),
    KUBECONFIG: cluster.kubeconfig,
    // Pulumi otherwise writes attributes beside each file of the state, in place: a kill meanwhile leaves them empty, and the state is
    // read no more.
    PULUMI_BACKEND_URL: `file://${backend}?metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
    PULUMI_HOME: home,
    PULUMI_OPTION_CONFIG_FILE: configFile,
    // The engine otherwise compares one resource after the other, and waits for the plugin each time.
    PULUMI_PARALLEL_DIFF: "true",
    // Compiling the SDK is most of the start of a program, a policy pack or a plugin: Node keeps what it compiled.
    NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? path.join(cacheDirectory(), "node-compile-cache"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_STACK: stack,
  };
  return { cluster, stateDir: stateDirectory(name), configFile, env, backend };
}

function files(name: string) {
  return configurationFiles(layout(name).directory, project, stack);
}

/** The checkout's configuration, for this cluster. A cluster of the user's has no images of ours: it pulls the upstream ones. */
function source(context: string, isTheirs: boolean): Mapping {
  const { config = {}, ...rest } = parse(readFileSync(path.join(checkout, `Pulumi.${stack}.yaml`), "utf8")) as {
    readonly config?: Readonly<Record<string, Mapping>>;
  };
  const settings: Record<string, Mapping> = { ...config };
  const [cluster, images] = [`${project}:cluster`, `${project}:images`];
  settings[cluster] = { ...settings[cluster], context };
  if (isTheirs) delete settings[images];
  return { ...rest, config: settings };
}
