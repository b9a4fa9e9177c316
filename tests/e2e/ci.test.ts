import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { attempt, type Result, succeed } from "./command.ts";
import { get, kubectl } from "./kubernetes.ts";
import { session } from "./session.ts";

/** The commands that policies/README.md gives to any CI, as they are written there, but for the name of the stack. */
const [preview, up, drift] = commands();

function commands(): readonly [string, string, string] {
  const readme = readFileSync(join(__dirname, "../../policies/README.md"), "utf8");
  const block = /\n## In CI\n.*?\n```sh\n(.*?)\n```/s.exec(readme)?.[1] ?? "";
  const [first, second, third, ...more] = block.split("\n").map((line) => line.replace(/#.*/, "").trim());
  if (first === undefined || second === undefined || third === undefined || more.length > 0)
    throw new Error("policies/README.md does not give three commands for CI");
  return [first, second, third];
}

function run(command: string, stack: string, configFile = session().configFile): Promise<Result> {
  const [program = "", ...args] = command.replace("--stack staging", `--stack ${stack}`).split(/\s+/);
  const { pulumi, checkout } = session();
  return attempt(program, args, { cwd: checkout, env: { ...pulumi.env, PULUMI_OPTION_CONFIG_FILE: configFile } });
}

/** The stack's own configuration, for the cluster of the tests. */
async function configurationOf(stack: string): Promise<string> {
  const { checkout, stateDir, cluster, pulumi } = session();
  const given = parse(readFileSync(join(checkout, `Pulumi.${stack}.yaml`), "utf8")) as {
    config: Record<string, object>;
  };
  const key = "bana-data-layer:cluster";
  const config = { ...given.config, [key]: { ...given.config[key], context: cluster.context } };
  const file = join(stateDir, `Pulumi.${stack}.yaml`);
  writeFileSync(file, stringify({ config }));
  const env = { ...pulumi.env, PULUMI_OPTION_CONFIG_FILE: file };
  await succeed("pulumi", ["stack", "init", stack, "--no-select", "--non-interactive"], { cwd: checkout, env });
  return file;
}

describe("the commands for CI", () => {
  test("preview every stack with the pack as mandatory", async () => {
    const local = await run(preview, "local");
    expect(local).toMatchObject({ code: 0, stdout: expect.stringContaining("kubernetes-policies@") as unknown });
    const staging = await run(preview, "staging", await configurationOf("staging"));
    expect(staging).toMatchObject({ code: 0, stdout: expect.stringContaining("kubernetes-policies@") as unknown });
  });

  test("bring a stack up with the pack as mandatory", async () => {
    expect(await run(up, "local")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("kubernetes-policies@") as unknown,
    });
  });

  test("find what was changed by hand, and nothing else", async () => {
    expect(await run(drift, "local")).toMatchObject({ code: 0 });
    const service = ["service", "nx-pgbouncer", "--namespace", "nx-persistent"];
    const label = (change: string) => kubectl(["label", "--overwrite", ...service, change]);
    const { metadata } = await get("service", { namespace: "nx-persistent", name: "nx-pgbouncer" });
    const [[name, value] = []] = Object.entries(metadata.labels ?? {});
    await label(`${name}=by-hand`);
    const { code, stdout } = await run(drift, "local");
    expect(code).not.toBe(0);
    expect(stdout).toMatch(/Service nx-pgbouncer update/);
    await label(`${name}=${value}`);
    expect(await run(drift, "local")).toMatchObject({ code: 0 });
  });
});
