import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { preview, run } from "./ci-commands.ts";
import { succeed } from "./command.ts";
import { projectApart } from "./project-apart.ts";
import { session } from "./session.ts";

/** Makes the stack, with its own configuration for the cluster of the tests, and returns its configuration file. */
async function initialized(stack: string): Promise<string> {
  const { checkout, stateDir, cluster, pulumi } = session();
  const given = parse(readFileSync(join(checkout, `Pulumi.${stack}.yaml`), "utf8")) as {
    config: Record<string, object>;
  };
  const key = "bana-data-layer:cluster";
  const config = { ...given.config, [key]: { ...given.config[key], context: cluster.context } };
  const { configFile, ...options } = projectApart(stateDir, pulumi.env, { program: checkout, stack, config });
  await succeed("pulumi", ["stack", "init", stack, "--no-select", "--non-interactive"], options);
  return configFile;
}

test("stack staging is previewed on an empty cluster, with the pack as mandatory", async () => {
  const staging = await run(preview, "staging", await initialized("staging"));
  expect(staging).toMatchObject({ code: 0, stdout: expect.stringContaining("kubernetes-policies@") as unknown });
});
