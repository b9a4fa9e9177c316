import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exec, kubectlCommand, type Named } from "./kubernetes.ts";
import { type Login, loginEnvironment } from "./postgresql.ts";

/** A client that writes without a pause, see `write.sh`. */
export interface Writer {
  /** Rows that the server has said are committed, so far. */
  readonly committed: readonly number[];
  /** Lets it end, and returns all committed rows. */
  stop(): Promise<readonly number[]>;
}

const stopFile = "/tmp/stop";

/** Starts a writer in a client pod, on the table "written (id int primary key)", which must exist. */
export function startWriter(client: Named, login: Login): Writer {
  const { command, args } = kubectlCommand([
    ...["exec", "--stdin", "--namespace", client.namespace, client.name, "--"],
    ...["env", ...loginEnvironment(login), "sh", "-s", stopFile],
  ]);
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "ignore"] });
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => {
      resolve();
    });
  });
  const committed: number[] = [];
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    committed.push(...lines.map(Number));
  });
  child.stdin.end(readFileSync(join(__dirname, "write.sh")));
  return {
    committed,
    stop: async () => {
      await exec(client, ["touch", stopFile]);
      await ended;
      return committed;
    },
  };
}
