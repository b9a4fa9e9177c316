import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { preview, run } from "./ci-commands.ts";
import { succeed } from "./command.ts";
import { separateProject } from "./separate-project.ts";
import { session } from "./session.ts";

/** Creates the stack with its own configuration, changed to the tests' cluster, and returns its configuration file. */
async function initialized(stack: string): Promise<string> {
  const { checkout, stateDir, cluster, pulumi } = session();
  const committed = parse(readFileSync(join(checkout, `Pulumi.${stack}.yaml`), "utf8")) as {
    config: Record<string, object>;
  };
  const key = "bana-data-layer:cluster";
  const config = { ...committed.config, [key]: { ...committed.config[key], context: cluster.context } };
  const { configFile, ...options } = separateProject(stateDir, pulumi.env, { program: checkout, stack, config });
  await succeed("pulumi", ["stack", "init", stack, "--no-select", "--non-interactive"], options);
  return configFile;
}

test("the preview of stack staging on an empty cluster passes the mandatory policy pack", async () => {
  const staging = await run(preview, "staging", await initialized("staging"));
  expect(staging).toMatchObject({ code: 0, stdout: expect.stringContaining("kubernetes-policies@") as unknown });
});
