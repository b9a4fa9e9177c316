/** Pulumi's language host for Node.js: runs programs, starts policy packs, lists the plugins that a program needs. */
import type { ServerWritableStream } from "@grpc/grpc-js";
import type * as proto from "@pulumi/pulumi/proto/language_pb.js";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { listen, newServer, toServiceError, unary } from "../grpc.ts";
import { directDependencies } from "./packages.ts";
import { nodeOptions, startPack } from "./policy-pack.ts";
import { emptyMessages, languageMessages as pb, languageService, pluginMessages } from "./protocol.ts";

/** The SDK's exit code after an error that it has already reported to the user. */
const BAIL_EXIT_CODE = 32;

/** Running programs and policy packs. They get SIGINT when this process exits. */
const running = new Set<ChildProcess>();

/** Arguments of the SDK's `@pulumi/pulumi/cmd/run`, which runs a program. */
function runArguments(request: proto.RunRequest, engineAddress: string): string[] {
  const info = request.getInfo();
  const programDirectory = info?.getProgramDirectory() ?? request.getPwd();
  const runner = createRequire(path.join(programDirectory, "package.json")).resolve("@pulumi/pulumi/cmd/run");
  const options: Readonly<Record<string, string>> = {
    // The engine's own address, not a proxy's: the program can use every feature of the engine.
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    organization: request.getOrganization(),
    project: request.getProject(),
    "root-directory": info?.getRootDirectory() ?? "",
    stack: request.getStack(),
    pwd: programDirectory,
    parallel: String(request.getParallel()),
  };
  return [
    ...nodeOptions,
    runner,
    ...Object.entries(options).flatMap(([name, value]) => (value === "" ? [] : [`--${name}`, value])),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    info?.getEntryPoint() ?? ".",
    ...request.getArgsList(),
  ];
}

async function run(request: proto.RunRequest, engineAddress: string): Promise<proto.RunResponse> {
  const config = Object.fromEntries(request.getConfigMap().getEntryList());
  const child = spawn(process.execPath, runArguments(request, engineAddress), {
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      PULUMI_CONFIG: JSON.stringify(config),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    },
  });
  running.add(child);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (...exit) => resolve(exit));
  });
  running.delete(child);
  const response = new pb.RunResponse();
  if (code === BAIL_EXIT_CODE) response.setBail(true);
  else if (signal !== null) response.setError(`the program was terminated by ${signal}`);
  else if (code !== 0) response.setError(`the program exited with code ${String(code)}`);
  return response;
}

function requiredPackages(directory: string): proto.GetRequiredPackagesResponse {
  const response = new pb.GetRequiredPackagesResponse();
  for (const { name, version, pulumi } of directDependencies(directory)) {
    if (pulumi?.resource !== true) continue;
    const dependency = new pluginMessages.PackageDependency();
    dependency.setKind("resource");
    dependency.setName(pulumi.name ?? name.replace(/^@pulumi\//, ""));
    dependency.setVersion(`v${(pulumi.version ?? version).replace(/^v/, "")}`);
    dependency.setServer(pulumi.server ?? "");
    response.addPackages(dependency);
  }
  return response;
}

function about(): proto.AboutResponse {
  const response = new pb.AboutResponse();
  response.setExecutable(process.execPath);
  response.setVersion(process.version);
  return response;
}

function dependencies(directory: string): proto.GetProgramDependenciesResponse {
  const response = new pb.GetProgramDependenciesResponse();
  for (const { name, version } of directDependencies(directory)) {
    const info = new pb.DependencyInfo();
    info.setName(name);
    info.setVersion(version);
    response.addDependencies(info);
  }
  return response;
}

function pluginInfo(): PluginInfo {
  const info = new pluginMessages.PluginInfo();
  info.setVersion((createRequire(import.meta.url)("@pulumi/pulumi/package.json") as { version: string }).version);
  return info;
}

function runPlugin(
  call: ServerWritableStream<proto.RunPluginRequest, proto.RunPluginResponse>,
  engineAddress: string,
): void {
  try {
    const child = startPack(call, engineAddress);
    running.add(child);
    child.once("close", () => running.delete(child));
  } catch (error) {
    call.destroy(Object.assign(new Error(), toServiceError(error)));
  }
}

/** Sends SIGINT to running programs and policy packs, so that they can shut down cleanly. */
function cancel(): Empty {
  for (const child of running) child.kill("SIGINT");
  return new emptyMessages.Empty();
}

/**
 * Serves on 127.0.0.1. The gRPC server answers UNIMPLEMENTED to the methods that this project does not need.
 * @returns the port
 */
export function serve(engineAddress: string): Promise<number> {
  const server = newServer();
  const programDirectory = (request: { getInfo(): proto.ProgramInfo | undefined }) =>
    request.getInfo()?.getProgramDirectory() ?? ".";
  server.addService(languageService.LanguageRuntimeService, {
    run: unary((request: proto.RunRequest) => run(request, engineAddress)),
    runPlugin: (call: Parameters<typeof runPlugin>[0]) => runPlugin(call, engineAddress),
    getRequiredPackages: unary((request: proto.GetRequiredPackagesRequest) =>
      requiredPackages(programDirectory(request)),
    ),
    getProgramDependencies: unary((request: proto.GetProgramDependenciesRequest) =>
      dependencies(programDirectory(request)),
    ),
    getPluginInfo: unary(pluginInfo),
    about: unary(about),
    runtimeOptionsPrompts: unary(() => new pb.RuntimeOptionsResponse()),
    cancel: unary(cancel),
  });
  process.once("exit", cancel);
  return listen(server);
}
