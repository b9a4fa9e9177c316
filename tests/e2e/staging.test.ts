import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { preview, run } from "./ci-commands.ts";
import { succeed } from "./command.ts";
import { session } from "./session.ts";

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

test("stack staging is previewed on an empty cluster, with the pack as mandatory", async () => {
  const staging = await run(preview, "staging", await configurationOf("staging"));
  expect(staging).toMatchObject({ code: 0, stdout: expect.stringContaining("kubernetes-policies@") as unknown });
});
