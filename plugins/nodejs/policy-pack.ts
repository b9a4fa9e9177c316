/** Policy packs in Node.js: the engine starts one as a plugin, of which it sees output and end through us. */
import type { ServerWritableStream } from "@grpc/grpc-js";
import type * as proto from "@pulumi/pulumi/proto/language_pb.js";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { languageMessages as pb } from "./protocol.ts";

type Call = ServerWritableStream<proto.RunPluginRequest, proto.RunPluginResponse>;

/** Node strips types without a warning. */
export const nodeOptions: readonly string[] = ["--disable-warning=ExperimentalWarning"];

/**
 * Starts a pack the way Pulumi's own language host does: by the starter of the SDK that the pack has installed, in the
 * pack's directory. The pack's first line is the port that it listens on; it ends when the engine has no more use for it.
 * @throws if it is another kind of plugin, or the pack has no SDK
 */
export function startPack(call: Call, engineAddress: string): ChildProcess {
  const { request } = call;
  const kind = request.getKind();
  if (kind !== "analyzer") throw new Error(`plugins in Node.js can only be policy packs here, not "${kind}"`);
  const directory = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
  const env = Object.fromEntries(request.getEnvList().map(variable));
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

/** What Node runs, in the pack's directory, to start it. */
export const packArguments = (directory: string, engineAddress: string): string[] => [
  ...nodeOptions,
  starterOf(directory),
  engineAddress,
  ".",
];

function starterOf(directory: string): string {
  try {
    return createRequire(path.join(directory, "package.json")).resolve("@pulumi/pulumi/cmd/run-policy-pack");
  } catch (cause) {
    throw new Error(
      `the policy pack's dependencies are not installed; fix it with: npm install --prefix ${directory}`,
      {
        cause,
      },
    );
  }
}

/** `NAME=value`, as a pair. */
function variable(text: string): [string, string] {
  const end = text.indexOf("=");
  return [text.slice(0, end), text.slice(end + 1)];
}

function response(fill: (empty: proto.RunPluginResponse) => void): proto.RunPluginResponse {
  const filled = new pb.RunPluginResponse();
  fill(filled);
  return filled;
}
