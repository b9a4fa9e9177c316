import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { KubernetesPoliciesArgs } from "../../policies.ts";

export interface Result {
  readonly code: number;
  readonly output: string;
}

/** The Pulumi CLI on PATH, in a temporary directory with its own backend. */
export class Pulumi {
  readonly directory = mkdtempSync(join(tmpdir(), "policy-pack-"));

  constructor() {
    mkdirSync(join(this.directory, "backend"));
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }

  run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Result> {
    const settings = {
      ...process.env,
      PULUMI_STACK: undefined,
      PULUMI_OPTION_CONFIG_FILE: undefined,
      PULUMI_CONFIG_PASSPHRASE_FILE: undefined,
      PULUMI_BACKEND_URL: `file://${join(this.directory, "backend")}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      ...env,
    };
    const options = { cwd: this.directory, env: settings, maxBuffer: 2 ** 26 };
    return new Promise((resolve) => {
      execFile("pulumi", [...args, "--color=never"], options, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}\n${stderr}` });
      });
    });
  }

  /** The options for the pack and its configuration, if any. */
  packOptions(config?: KubernetesPoliciesArgs): readonly string[] {
    const pack = ["--policy-pack", join(__dirname, "..", "..")];
    if (config === undefined) return pack;
    return [...pack, "--policy-pack-config", this.write("config.json", JSON.stringify(config))];
  }

  /** Writes a file in the directory and returns its path. */
  write(name: string, content: string): string {
    const file = join(this.directory, name);
    writeFileSync(file, content);
    return file;
  }

  /** Creates a project with one JavaScript file, and its stack `dev`. */
  async createProject(program: string): Promise<void> {
    const files = {
      "Pulumi.yaml": "name: shop\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.mjs\n",
      "package.json": JSON.stringify({ name: "shop", type: "module", main: "index.mjs" }),
      "index.mjs": program,
    };
    for (const [name, content] of Object.entries(files)) this.write(name, content);
    const modules = dirname(dirname(dirname(require.resolve("@pulumi/pulumi/package.json"))));
    symlinkSync(modules, join(this.directory, "node_modules"));
    expect(await this.run(["stack", "init", "dev"])).toMatchObject({ code: 0 });
  }
}
