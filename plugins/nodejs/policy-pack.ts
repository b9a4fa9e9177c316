/** Starts policy packs in Node.js as plugins, and streams their output and exit code to the engine. */
import type { ServerWritableStream } from "@grpc/grpc-js";
import type * as proto from "@pulumi/pulumi/proto/language_pb.js";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { languageMessages as pb } from "./protocol.ts";

type Call = ServerWritableStream<proto.RunPluginRequest, proto.RunPluginResponse>;

/** Suppresses Node's warning about type stripping. */
export const nodeOptions: readonly string[] = ["--disable-warning=ExperimentalWarning"];

/**
 * Starts a pack as Pulumi's own language host does: in the pack's directory, with the pack's installed SDK. The pack
 * prints its port on the first line. It is killed when the engine cancels the call.
 * @throws Error if it is another kind of plugin, or the pack's dependencies are not installed
 */
export function startPack(call: Call, engineAddress: string): ChildProcess {
  const { request } = call;
  const kind = request.getKind();
  if (kind !== "analyzer") throw new Error(`this language host runs policy packs only, not plugins of kind "${kind}"`);
  const directory = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
  const env = Object.fromEntries(request.getEnvList().map(parseVariable));
  const child = spawn(process.execPath, packArguments(directory, engineAddress), {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe"],
    env,
  });
  child.stdout.on("data", (text: Buffer) => call.write(response((each) => each.setStdout(text))));
  child.stderr.on("data", (text: Buffer) => call.write(response((each) => each.setStderr(text))));
  child.once("error", (error) => call.destroy(error));
  child.once("close", (code) => {
    call.write(response((each) => each.setExitcode(code ?? 1)));
    call.end();
  });
  call.once("cancelled", () => child.kill());
  return child;
}

/** Node's arguments to start the pack, in the pack's directory. */
export const packArguments = (directory: string, engineAddress: string): string[] => [
  ...nodeOptions,
  packRunner(directory),
  engineAddress,
  ".",
];

function packRunner(directory: string): string {
  try {
    return createRequire(path.join(directory, "package.json")).resolve("@pulumi/pulumi/cmd/run-policy-pack");
  } catch (cause) {
    throw new Error(
      `The policy pack's dependencies are not installed. Install them with: npm install --prefix ${directory}`,
      {
        cause,
      },
    );
  }
}

/** Splits `NAME=value`. */
function parseVariable(text: string): [string, string] {
  const end = text.indexOf("=");
  return [text.slice(0, end), text.slice(end + 1)];
}

function response(fill: (empty: proto.RunPluginResponse) => void): proto.RunPluginResponse {
  const filled = new pb.RunPluginResponse();
  fill(filled);
  return filled;
}
