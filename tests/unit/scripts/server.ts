import { afterAll } from "@jest/globals";
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const components = path.resolve(import.meta.dirname, "../../../components/postgresql");

/** The scripts in one folder, as pods mount them. */
export const scripts = mkdtempSync(path.join(tmpdir(), "postgresql-scripts-"));
cpSync(path.join(components, "statefulset"), scripts, { recursive: true });
cpSync(path.join(components, "ownership.sql"), path.join(scripts, "ownership.sql"));
// The server's user reads them.
chmodSync(scripts, 0o755);
afterAll(() => rmSync(scripts, { recursive: true }));

/** Directory of PostgreSQL's programs on this machine; undefined if there is none, or only older versions. */
const programs = ["17", "16", "15"]
  .map((version) => `/usr/lib/postgresql/${version}/bin`)
  .find((folder) => existsSync(folder));

/** Why the scripts cannot run here; undefined if they can. */
export const obstacle =
  programs === undefined
    ? "no PostgreSQL on this machine"
    : process.getuid?.() === 0
      ? undefined
      : "needs root, for a private /var/run/postgresql";

/** Exit code of a command, and its output on both streams. */
export interface CommandResult {
  readonly code: number | null;
  readonly output: string;
}

/** A PostgreSQL pod emulated on this machine: its own volume, its own /var/run/postgresql, and the real scripts. */
export class Server {
  readonly volume: string;
  readonly port: number;
  readonly #root: string;
  /** Environment of all commands of this pod; a test may change it. */
  readonly environment: NodeJS.ProcessEnv;
  #running?: ChildProcess;
  #log = "";

  constructor(root: string, name: string, port: number, otherPort: number) {
    this.#root = path.join(root, name);
    this.volume = path.join(this.#root, "volume");
    this.port = port;
    for (const folder of [this.volume, path.join(this.#root, "run")]) mkdirSync(folder, { recursive: true });
    spawnSync("chown", ["-R", "postgres:postgres", this.#root]);
    this.environment = {
      PATH: `${programs ?? ""}:${process.env["PATH"] ?? ""}`,
      PGPORT: String(port),
      PGDATA: this.data,
      CREDENTIALS: path.join(root, "credentials"),
      PRIMARY_HOST: "127.0.0.1",
      PRIMARY_PORT: String(otherPort),
      FORMER_PRIMARY_HOST: "127.0.0.1",
      FORMER_PRIMARY_PORT: String(otherPort),
      OTHER_SERVER_LOST: "false",
      REPLICATION_SLOT: "nx_replica",
    };
  }

  get data(): string {
    return path.join(this.volume, "pgdata");
  }

  /** The output of the server since its last start. */
  get log(): string {
    return this.#log;
  }

  /** Wraps a command so that it runs as this pod's user with this pod's files. */
  #command(argv: readonly string[]): [string, string[]] {
    // BusyBox's setpriv, which may be first on PATH, does not change the user.
    const inside =
      'mount --bind "$1" /var/run/postgresql; shift; exec /usr/bin/setpriv --reuid=postgres --regid=postgres --clear-groups "$@"';
    return ["unshare", ["--mount", "/bin/sh", "-c", inside, "sh", path.join(this.#root, "run"), ...argv]];
  }

  /** Runs a command and waits for its exit. */
  run(...argv: readonly string[]): CommandResult {
    const { status, stdout, stderr } = spawnSync(...this.#command(argv), {
      env: this.environment,
      encoding: "utf8",
      timeout: 60_000,
    });
    return { code: status, output: stdout + stderr };
  }

  /** Runs a script of the component and waits for its exit. */
  script(name: string, ...args: readonly string[]): CommandResult {
    return this.run("sh", path.join(scripts, name), ...args);
  }

  /** Starts a script that becomes the server. */
  start(script: string, ...args: readonly string[]): void {
    this.#log = "";
    const child = spawn(...this.#command(["sh", path.join(scripts, script), ...args]), { env: this.environment });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (text: Buffer) => {
        this.#log += text.toString();
      });
    }
    this.#running = child;
  }

  get isRunning(): boolean {
    return this.#running?.exitCode === null && this.#running.signalCode === null;
  }

  /** Stops the server as the kubelet does. */
  async stop(signal: NodeJS.Signals = "SIGINT"): Promise<void> {
    const child = this.#running;
    if (!child || !this.isRunning) return;
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.kill(signal);
    await ended;
  }

  /** The exit code of the started script, when it exits. */
  ended(): Promise<number | null> {
    const child = this.#running;
    return new Promise((resolve) => child?.once("close", resolve));
  }

  /** Runs a statement. Returns rows as lines with columns separated by `|`, or the error message. */
  sql(statement: string, database = "nx_seller_core"): string {
    return this.run(
      "psql",
      "-XAtq",
      "-h",
      "/var/run/postgresql",
      "-U",
      "postgres",
      "-d",
      database,
      "-c",
      statement,
    ).output.trim();
  }

  /** Whether a role can log in over TCP with a password. */
  accepts(user: string, password: string): boolean {
    const address = `host=127.0.0.1 port=${String(this.port)} dbname=nx_seller_core user=${user}`;
    return this.run("env", `PGPASSWORD=${password}`, "psql", "-XAtq", "-c", "select", address).code === 0;
  }
}

/** Two pods and the Secrets that they read, in a directory that `remove` deletes. */
export class Pair {
  readonly primary: Server;
  readonly replica: Server;
  readonly #root = mkdtempSync(path.join(tmpdir(), "bana-postgresql-"));

  /** @param port port of the primary; the replica uses the next one */
  constructor(port = 25432) {
    spawnSync("chmod", ["0755", this.#root]);
    this.primary = new Server(this.#root, "primary", port, port + 1);
    this.replica = new Server(this.#root, "replica", port + 1, port);
    this.setPasswords("first");
  }

  /** Sets each role's password to `ROLE-SUFFIX`. */
  setPasswords(suffix: string): void {
    const roles = { superuser: "postgres", app: "nx_seller_operator", replication: "repl_user" };
    for (const [folder, role] of Object.entries(roles)) {
      const to = path.join(this.#root, "credentials", folder);
      mkdirSync(to, { recursive: true });
      writeFileSync(path.join(to, "username"), role);
      writeFileSync(path.join(to, "password"), `${role}-${suffix}`);
      writeFileSync(path.join(to, "dbname"), "nx_seller_core");
    }
  }

  /** A second pod on the primary's volume. */
  otherPrimary(): Server {
    return new Server(this.#root, "primary", this.primary.port, this.replica.port);
  }

  async remove(): Promise<void> {
    await this.replica.stop("SIGKILL");
    await this.primary.stop("SIGKILL");
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** Waits until a condition holds. */
export async function eventually(holds: () => boolean, otherwise: () => string, seconds = 60): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(otherwise());
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Sorted names of the entries of a directory. */
export const entries = (folder: string): string[] => readdirSync(folder).sort();

export const contentOf = (file: string): string => readFileSync(file, "utf8");
