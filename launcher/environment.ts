/** Prepares everything that `pulumi` needs to run on the stack: tools, cluster, backend, configuration. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readlink, rm, symlink } from "node:fs/promises";
import { devNull } from "node:os";
import path from "node:path";
import { missingArtifacts, start, type Cluster } from "../local/index.ts";
import { writeAtomically } from "../local/node/spec.ts";
import type { Reporter } from "../local/report.ts";
import { cacheDirectory } from "./cache-directory.ts";
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
import { setObjectStoreCredentials } from "./object-store-credentials.ts";
import { sourceConfiguration } from "./source-configuration.ts";
import { needsOperators, project, readStackFile } from "./stack-files.ts";
import { createState, pulumiDirectory, stateDirectory, type Target } from "./target.ts";
import { checkout } from "./versions.ts";

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

/** Options of the embedded cluster of this name. */
export function clusterOptions(name: string, report: Reporter) {
  return { name, stateDir: stateDirectory(name), cacheDir: cacheDirectory(), report };
}

/** Pulumi's paths in a target's state directory. */
function pulumiPaths(name: string) {
  const directory = pulumiDirectory(name);
  return {
    directory,
    backend: path.join(directory, "backend"),
    home: path.join(directory, "home"),
    passphrase: path.join(directory, "passphrase"),
  };
}

/**
 * Prepares the tools and the cluster in parallel, then the stack and its configuration. Skips what is up to date. The
 * cluster keeps running when this process exits.
 */
export async function prepare(target: Target, report: ScreenReporter): Promise<Environment> {
  const { name, context, stack } = target;
  const userCluster = context === undefined ? undefined : contextOf(context);
  const operators = needsOperators(readStackFile(stack));
  await createState(target);
  const cli = await findCli(cacheDirectory(), report);
  const builds = cli === undefined ? pulumiBuilds : [];
  report.announce(expectedWork({ builds, hasCluster: userCluster !== undefined, operators }));
  const [tools, cluster] = await Promise.all([
    prepareTools(name, cli, report),
    userCluster ?? start({ ...clusterOptions(name, report), operators }),
  ]);
  const environment = { ...environmentOf(target, cluster, tools.directory), plugins: tools.plugins, report };
  await refreshConfiguration(files(target), configurationOf(target, cluster));
  await selectStack(environment);
  if (operators && context === undefined) await setObjectStoreCredentials(environment, pulumiEnvironment(environment));
  return environment;
}

/** Builds needed if the CLI cannot be downloaded: the provider then cannot be downloaded either. */
const pulumiBuilds = [cliBuild, kubernetesProviderBuild];

/** The long phases of a start that are not in the cache yet. */
function expectedWork({
  builds,
  hasCluster,
  operators,
}: {
  builds: typeof pulumiBuilds;
  hasCluster: boolean;
  operators: boolean;
}): ExpectedWork {
  const cacheDir = cacheDirectory();
  const missingBuilds = builds
    .filter((build) => !isBuilt(build, cacheDir))
    .map(({ title, seconds }) => [title, seconds] as const);
  return new Map([...(hasCluster ? [] : missingArtifacts(cacheDir, { operators })), ...missingBuilds]);
}

/** Creates the stack if it does not exist. */
async function selectStack(environment: Environment): Promise<void> {
  await environment.report.phase("Preparing the stack", async (log) => {
    await mkdir(environment.backend, { recursive: true, mode: 0o700 });
    const { target } = environment;
    const { current } = files(target);
    const argv = [
      "pulumi",
      "--cwd",
      current,
      "stack",
      "select",
      "--create",
      target.stack,
      "--non-interactive",
    ] as const;
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
  const { name } = target;
  await createState(target);
  const tools = await prepareTools(name, await findCli(cacheDirectory(), report), report);
  const environment = { ...environmentOf(target, cluster, tools.directory), plugins: tools.plugins, report };
  await refreshConfiguration(files(target), configurationOf(target, cluster));
  if (!existsSync(environment.backend)) await selectStack(environment);
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
  const { name, stack } = target;
  const { backend, home, passphrase } = pulumiPaths(name);
  const configFile = files(target).working;
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

/** The checkout's configuration of the target's stack, for its cluster. */
function configurationOf({ name, stack, context: userContext }: Target, { context }: Environment["cluster"]): Mapping {
  const stateDir = userContext === undefined ? stateDirectory(name) : undefined;
  return sourceConfiguration(readStackFile(stack), { context, stateDir });
}

function files({ name, stack }: Target) {
  return configurationFiles(pulumiPaths(name).directory, project, stack);
}
