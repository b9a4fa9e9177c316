/** Pulumi's interface to a language, for Node.js: which plugins a program needs, to run it, and to start policy packs. */
import type { ServerWritableStream } from "@grpc/grpc-js";
import type * as proto from "@pulumi/pulumi/proto/language_pb.js";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { failure, listen, newServer, unary } from "../grpc.ts";
import { directDependencies } from "./packages.ts";
import { nodeOptions, startPack } from "./policy-pack.ts";
import { emptyMessages, languageMessages as pb, languageService, pluginMessages } from "./protocol.ts";

/** The program has said itself what is wrong. */
const saidByProgram = 32;

/** Programs and policy packs that run now; they end with this process. */
const running = new Set<ChildProcess>();

/** What the SDK's own starter wants to know: see `@pulumi/pulumi/cmd/run`. */
function starterArguments(request: proto.RunRequest, engineAddress: string): string[] {
  const info = request.getInfo();
  const programDirectory = info?.getProgramDirectory() ?? request.getPwd();
  const starter = createRequire(path.join(programDirectory, "package.json")).resolve("@pulumi/pulumi/cmd/run");
  const named: Readonly<Record<string, string>> = {
    // The engine's own address, so that the program can use all that the engine can.
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
    starter,
    ...Object.entries(named).flatMap(([name, value]) => (value === "" ? [] : [`--${name}`, value])),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    info?.getEntryPoint() ?? ".",
    ...request.getArgsList(),
  ];
}

async function run(request: proto.RunRequest, engineAddress: string): Promise<proto.RunResponse> {
  const config = Object.fromEntries(request.getConfigMap().getEntryList());
  const child = spawn(process.execPath, starterArguments(request, engineAddress), {
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
    child.once("exit", (...end) => resolve(end));
  });
  running.delete(child);
  const response = new pb.RunResponse();
  if (code === saidByProgram) response.setBail(true);
  else if (signal !== null) response.setError(`the program was ended by ${signal}`);
  else if (code !== 0) response.setError(`the program ended with exit code ${String(code)}`);
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
    call.destroy(Object.assign(new Error(), failure(error)));
  }
}

/** Ends what runs: the program first gets the chance to end by itself. */
function cancel(): Empty {
  for (const child of running) child.kill("SIGINT");
  return new emptyMessages.Empty();
}

/**
 * Serves on loopback; methods that this project has no use for are answered as unimplemented by the gRPC server.
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
