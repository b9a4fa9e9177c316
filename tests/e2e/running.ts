import { spawn } from "node:child_process";
import { kubectlCommand, type Named } from "./kubernetes.ts";

/** A command that runs in a pod beside the test. */
export interface Running {
  /** Settles when it has ended, whatever it ended with. */
  readonly ended: Promise<void>;
  /** Listens to it no more; what runs in the pod ends with the pod. */
  readonly leave: () => void;
}

/** What a command of a pod is given, and who takes what it says, line by line; a last line without an end is left out. */
export interface Conversation {
  /** Standard input; none by default. */
  readonly input?: string;
  readonly line: (text: string) => void;
  /** Takes the lines of its standard error. @default the tests' own standard error */
  readonly errorLine?: (text: string) => void;
}

/** Starts a command in a pod's first container. */
export function startIn(pod: Named, command: readonly string[], conversation: Conversation): Running {
  const { input, line, errorLine } = conversation;
  const interactive = input === undefined ? [] : ["--stdin"];
  const call = kubectlCommand(["exec", ...interactive, "--namespace", pod.namespace, pod.name, "--", ...command]);
  const child = spawn(call.command, call.args, {
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", errorLine === undefined ? "inherit" : "pipe"],
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => {
      resolve();
    });
  });
  eachLine(child.stdout, line);
  if (errorLine !== undefined) eachLine(child.stderr, errorLine);
  child.stdin?.end(input);
  return { ended, leave: () => void child.kill() };
}

function eachLine(stream: NodeJS.ReadableStream | null, take: (line: string) => void): void {
  let rest = "";
  stream?.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach((line) => {
      take(line);
    });
  });
}
