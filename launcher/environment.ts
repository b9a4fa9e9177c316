/** Prepares everything that `pulumi` needs to run on the stack: tools, cluster, backend, configuration. */
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
import { outputOf } from "./programs.ts";
import { buildCli, cliBuild, findCli, type PulumiCli } from "./pulumi-cli.ts";
import type { ScreenReporter } from "./report.ts";
import { checkout } from "./versions.ts";

/** Name of the launcher's stack, for the embedded cluster and for `--context` alike. */
export const stack = "local";
export const project = (parse(readFileSync(path.join(checkout, "Pulumi.yaml"), "utf8")) as { name: string }).name;

/** The cluster that a command uses: an embedded one, or that of a kubeconfig context. */
export interface Target {
  /** Name of the state directory in `.state`, and of the embedded cluster. */
  readonly name: string;
  /** A context of the user's kubeconfig. The launcher never starts or stops its cluster. */
  readonly context?: string;
}

export interface Environment {
  readonly target: Target;
  readonly cluster: Pick<Cluster, "kubeconfig" | "context"> & { readonly kubectl?: string };
  readonly stateDir: string;
  /** The configuration that Pulumi reads and writes, in the state directory. */
  readonly configFile: string;
  /** Environment variables for Pulumi, in addition to this process's. */
  readonly env: Readonly<Record<string, string>>;
  /** Directory of Pulumi's file backend. */
  readonly backend: string;
  readonly plugins: readonly Plugin[];
  readonly report: Reporter;
}

/** Cache of downloads and builds, outside the checkout: `bana-data-layer` in `$XDG_CACHE_HOME` or `~/.cache`. */
export function cacheDirectory(): string {
  const cacheHome = process.env["XDG_CACHE_HOME"];
  return path.join(cacheHome || path.join(homedir(), ".cache"), "bana-data-layer");
}

/** State directory of a target: it holds both the cluster's data and Pulumi's state, and `npm run down` removes it. */
export function stateDirectory(name: string): string {
  return path.join(checkout, ".state", name);
}

/** Options of the embedded cluster of this name. */
export function clusterOptions(name: string, report: Reporter) {
  return { name, stateDir: stateDirectory(name), cacheDir: cacheDirectory(), report };
}

/** Pulumi's paths in a target's state directory. */
function pulumiPaths(name: string) {
  const directory = path.join(stateDirectory(name), "pulumi");
  return {
    directory,
    backend: path.join(directory, "backend"),
    home: path.join(directory, "home"),
    passphrase: path.join(directory, "passphrase"),
  };
}

/** The option that selects a target on the command line; none for the default one. */
export function targetOption({ name, context }: Target): readonly string[] {
  if (context !== undefined) return ["--context", context];
  return name === "local" ? [] : ["--state", name];
}

/** The command that starts an embedded cluster or updates a context's data layer, for messages. */
export function startHint(target: Target | string): string {
  const option = targetOption(typeof target === "string" ? { name: target } : target);
  return ["npm start", ...(option.length === 0 ? [] : ["--", ...option])].join(" ");
}

/** The command that runs Pulumi on a target's stack, for messages. */
export function pulumiHint(target: Target, ...args: readonly string[]): string {
  return ["npm run pulumi --", ...targetOption(target), ...args].join(" ");
}

/** The command that runs kubectl on a target's cluster, for messages. */
export function kubectlHint(target: Target): string {
  const { context } = target;
  return context === undefined
    ? ["npm run kubectl --", ...targetOption(target)].join(" ")
    : `kubectl --context ${context}`;
}

/**
 * Prepares the tools and the cluster in parallel, then the stack and its configuration. Skips what is up to date. The
 * cluster keeps running when this process exits.
 */
export async function prepare(chosen: Target | string, report: ScreenReporter): Promise<Environment> {
  const target: Target = typeof chosen === "string" ? { name: chosen } : chosen;
  const { name, context } = target;
  const userCluster = context === undefined ? undefined : contextOf(context);
  await mkdir(pulumiPaths(name).directory, { recursive: true, mode: 0o700 });
  const cli = await findCli(cacheDirectory(), report);
  const builds = cli === undefined ? pulumiBuilds : [];
  report.announce(expectedWork({ builds, hasCluster: userCluster !== undefined }));
  const [tools, cluster] = await Promise.all([
    prepareTools(name, cli, report),
    userCluster ?? start(clusterOptions(name, report)),
  ]);
  const environment = { ...environmentOf(target, cluster, tools.directory), plugins: tools.plugins, report };
  await refreshConfiguration(files(name), sourceConfiguration(cluster.context, userCluster !== undefined));
  await selectStack(name, environment);
  return environment;
}

/** Builds needed if the CLI cannot be downloaded: the provider then cannot be downloaded either. */
const pulumiBuilds = [cliBuild, kubernetesProviderBuild];

/** The long phases of a start that are not in the cache yet. */
function expectedWork({ builds, hasCluster }: { builds: typeof pulumiBuilds; hasCluster: boolean }): ExpectedWork {
  const cacheDir = cacheDirectory();
  const missingBuilds = builds
    .filter((build) => !isBuilt(build, cacheDir))
    .map(({ title, seconds }) => [title, seconds] as const);
  return new Map([...(hasCluster ? [] : missingArtifacts(cacheDir)), ...missingBuilds]);
}

/** Creates the stack if it does not exist. */
async function selectStack(name: string, environment: Environment): Promise<void> {
  await environment.report.phase("Preparing the stack", async (log) => {
    await mkdir(environment.backend, { recursive: true, mode: 0o700 });
    const { current } = files(name);
    const argv = ["pulumi", "--cwd", current, "stack", "select", "--create", stack, "--non-interactive"] as const;
    await outputOf({ argv, env: pulumiEnvironment(environment), log: log.path });
  });
}

/** The complete process environment for Pulumi, without the user's own PULUMI_* variables. */
export function pulumiEnvironment({ env }: Pick<Environment, "env">): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("PULUMI_"));
  return { ...Object.fromEntries(inherited), ...env };
}

/** The environment of a target, without starting its cluster. Creates an empty stack before the first `npm start`. */
export async function openEnvironment(
  target: Target,
  cluster: Environment["cluster"],
  report: Reporter,
): Promise<Environment> {
  const { name, context } = target;
  await mkdir(pulumiPaths(name).directory, { recursive: true, mode: 0o700 });
  const tools = await prepareTools(name, await findCli(cacheDirectory(), report), report);
  const environment = { ...environmentOf(target, cluster, tools.directory), plugins: tools.plugins, report };
  await refreshConfiguration(files(name), sourceConfiguration(cluster.context, context !== undefined));
  if (!existsSync(environment.backend)) await selectStack(name, environment);
  return environment;
}

async function prepareTools(name: string, found: PulumiCli | undefined, report: Reporter) {
  const cacheDir = cacheDirectory();
  const [cli] = await Promise.all([found ?? buildCli(cacheDir, report), preparePolicyPack(report)]);
  const { home, passphrase } = pulumiPaths(name);
  const plugins = await linkPlugins({ cacheDir, cli, home, report });
  await disableDebugLog(home);
  if (!existsSync(passphrase)) await writeAtomically(passphrase, `${randomBytes(32).toString("base64url")}\n`);
  return { directory: cli.directory, plugins };
}

/**
 * Links Pulumi's log directory to /dev/null. Pulumi otherwise writes a compressed, encrypted debug log, which takes a
 * quarter of its running time; it continues if it cannot write it. The launcher's phases have their own logs.
 */
async function disableDebugLog(home: string): Promise<void> {
  const logs = path.join(home, "logs");
  if ((await readlink(logs).catch(() => undefined)) === devNull) return;
  await rm(logs, { recursive: true, force: true });
  await symlink(devNull, logs);
}

function environmentOf(
  target: Target,
  cluster: Environment["cluster"],
  cli: string,
): Omit<Environment, "plugins" | "report"> {
  const { name } = target;
  const { backend, home, passphrase } = pulumiPaths(name);
  const configFile = files(name).working;
  const env = {
    PATH: [cli, path.join(checkout, "node_modules", ".bin"), process.env["PATH"]].join(path.delimiter),
    KUBECONFIG: cluster.kubeconfig,
    // Without metadata=skip, Pulumi writes an .attrs file beside each state file, in place. A kill during the write
    // leaves it empty, and Pulumi can no longer read the state.
    PULUMI_BACKEND_URL: `file://${backend}?metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
    PULUMI_HOME: home,
    PULUMI_OPTION_CONFIG_FILE: configFile,
    // The engine otherwise diffs resources sequentially, and waits for the plugin each time.
    PULUMI_PARALLEL_DIFF: "true",
    // Compiling the SDK takes most of the startup time of a program, policy pack or plugin. Node caches the result.
    NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? path.join(cacheDirectory(), "node-compile-cache"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_STACK: stack,
    // A field of the stack that somebody has changed with kubectl belongs to kubectl, and an update would stop there.
    PULUMI_K8S_ENABLE_PATCH_FORCE: "true",
  };
  return { target, cluster, stateDir: stateDirectory(name), configFile, env, backend };
}

function files(name: string) {
  return configurationFiles(pulumiPaths(name).directory, project, stack);
}

/** The checkout's configuration with this context. The user's cluster has no local images and pulls upstream ones. */
function sourceConfiguration(context: string, isUserCluster: boolean): Mapping {
  const { config = {}, ...rest } = parse(readFileSync(path.join(checkout, `Pulumi.${stack}.yaml`), "utf8")) as {
    readonly config?: Readonly<Record<string, Mapping>>;
  };
  const settings: Record<string, Mapping> = { ...config };
  const [cluster, images] = [`${project}:cluster`, `${project}:images`];
  settings[cluster] = { ...settings[cluster], context };
  if (isUserCluster) delete settings[images];
  return { ...rest, config: settings };
}
