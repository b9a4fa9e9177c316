import { spawn } from "node:child_process";
import { kubectlCommand, type Named } from "./kubernetes.ts";

/** A command that runs in a pod in the background. */
export interface Running {
  /** Settles when it has ended, with any exit code. Rejects when kubectl cannot be started. */
  readonly ended: Promise<void>;
  /** Ends the connection. The process in the pod runs until the pod is removed. */
  readonly disconnect: () => void;
}

/** Standard input and output of a command in a pod. A last line without a newline is dropped. */
export interface Streams {
  /** Standard input; none by default. */
  readonly input?: string;
  /** Receives each line of standard output. */
  readonly onLine: (text: string) => void;
  /** Receives each line of standard error. @default passes them to the tests' standard error */
  readonly onErrorLine?: (text: string) => void;
}

/** Starts a command in a pod's first container. */
export function startIn(pod: Named, command: readonly string[], streams: Streams): Running {
  const { input, onLine, onErrorLine } = streams;
  const interactive = input === undefined ? [] : ["--stdin"];
  const call = kubectlCommand(["exec", ...interactive, "--namespace", pod.namespace, pod.name, "--", ...command]);
  const child = spawn(call.command, call.args, {
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", onErrorLine === undefined ? "inherit" : "pipe"],
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => {
      resolve();
    });
  });
  forEachLine(child.stdout, onLine);
  if (onErrorLine !== undefined) forEachLine(child.stderr, onErrorLine);
  child.stdin?.end(input);
  return { ended, disconnect: () => void child.kill() };
}

function forEachLine(stream: NodeJS.ReadableStream | null, callback: (line: string) => void): void {
  let rest = "";
  stream?.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach((line) => {
      callback(line);
    });
  });
}
