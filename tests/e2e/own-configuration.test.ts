import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { preview, run } from "./ci-commands.ts";
import { succeed } from "./command.ts";
import { type SeparateProject, separateProject } from "./separate-project.ts";
import { session } from "./session.ts";

type Section = Readonly<Record<string, object>>;

/** Creates the stack with its own configuration and these changes, on the tests' cluster. */
async function initialized(stack: string, changes: Section = {}): Promise<SeparateProject> {
  const { checkout, stateDir, cluster, pulumi } = session();
  const { config } = parse(readFileSync(join(checkout, `Pulumi.${stack}.yaml`), "utf8")) as { config: Section };
  const changed = Object.entries({ cluster: { context: cluster.context }, ...changes }).map(([name, change]) => {
    const key = `bana-data-layer:${name}`;
    return [key, { ...config[key], ...change }] as const;
  });
  const project = separateProject(stateDir, pulumi.env, {
    ...{ program: checkout, stack },
    config: { ...config, ...Object.fromEntries(changed) },
  });
  await succeed("pulumi", ["stack", "init", stack, "--no-select", "--non-interactive"], project);
  return project;
}

test("the preview of stack staging on an empty cluster passes the mandatory policy pack", async () => {
  const { configFile } = await initialized("staging");
  const staging = await run(preview, "staging", configFile);
  expect(staging).toMatchObject({ code: 0, stdout: expect.stringContaining("kubernetes-policies@") as unknown });
});

test("the preview of stack production needs no operators and no object store, and shows no secret", async () => {
  const credentials = { accessKeyId: "preview-access-key", secretAccessKey: "preview-secret-key" };
  const fromFile = (name: string) => {
    const manifest = join(session().checkout, "tests", "unit", "golden", "operators", name);
    return { manifest, sha256: createHash("sha256").update(readFileSync(manifest)).digest("hex") };
  };
  const { configFile, ...options } = await initialized("production", {
    objectStore: { credentials: {} },
    // The releases' own are on the internet.
    operators: { cloudNativePg: fromFile("cloudnative-pg.yaml"), barmanCloud: fromFile("barman-cloud.yaml") },
  });
  for (const [key, input] of Object.entries(credentials)) {
    const path = `bana-data-layer:objectStore.credentials.${key}`;
    await succeed("pulumi", ["config", "set", "--secret", "--path", path, "--non-interactive"], { ...options, input });
  }
  const { code, stdout, stderr } = await run(`${preview} --diff`, "production", configFile);
  const shown = `${stdout}${stderr}`;
  expect({ code, shown }).toEqual({ code: 0, shown: expect.stringContaining("kubernetes-policies@") as unknown });
  expect(shown).toMatch(/cert-manager: the CRDs .* are missing/);
  expect(shown).toMatch(/operators\.strimzi: the CRDs .* are missing/);
  expect(shown).toContain("nx-postgresql");
  for (const secret of Object.values(credentials)) expect(shown).not.toContain(secret);
});
