import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { containing, restrictedContainer, restrictedSpec, type Json } from "../support.ts";

/** The pack under Pulumi's own engine: the `pulumi` on PATH, with its exit codes and what it shows. */
const hasPulumi = spawnSync("pulumi", ["version"]).status === 0;
const hasCluster = process.env.KUBECONFIG !== undefined;
const packDirectory = join(__dirname, "..", "..");

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "policy-pack-"));
  mkdirSync(join(directory, "backend"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Ending {
  readonly code: number;
  readonly output: string;
}

/** With the plugins of the environment's Pulumi, and with stacks and settings of its own. */
function pulumi(args: readonly string[], cwd = directory): Promise<Ending> {
  const env = {
    ...process.env,
    PULUMI_STACK: undefined,
    PULUMI_OPTION_CONFIG_FILE: undefined,
    PULUMI_CONFIG_PASSPHRASE_FILE: undefined,
    PULUMI_BACKEND_URL: `file://${join(directory, "backend")}`,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  return new Promise((resolve) => {
    execFile("pulumi", [...args, "--color=never"], { cwd, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}\n${stderr}` });
    });
  });
}

function packOptions(config?: Json): readonly string[] {
  const options = ["--policy-pack", packDirectory];
  if (config === undefined) return options;
  const file = join(directory, "config.json");
  writeFileSync(file, JSON.stringify(config));
  return [...options, "--policy-pack-config", file];
}

/** What `pulumi stack export` writes of a stack, whatever language its program is in. */
function exported(
  ...resources: readonly { readonly type: string; readonly name: string; readonly inputs: unknown }[]
): string {
  const stack = { type: "pulumi:pulumi:Stack", name: "shop-dev", inputs: {} };
  const states = [stack, ...resources].map(({ type, name, inputs }) => ({
    urn: `urn:pulumi:dev::shop::${type}::${name}`,
    type,
    custom: type !== stack.type,
    ...(type !== stack.type && { id: name, parent: `urn:pulumi:dev::shop::${stack.type}::${stack.name}` }),
    inputs,
    outputs: inputs,
  }));
  const manifest = { time: "2026-01-01T00:00:00Z", magic: "", version: "" };
  const file = join(directory, "state.json");
  writeFileSync(file, JSON.stringify({ version: 3, deployment: { manifest, resources: states } }));
  return file;
}

function pod(spec: Json) {
  return {
    type: "kubernetes:core/v1:Pod",
    name: "web",
    inputs: { metadata: { name: "web", namespace: "shop" }, spec },
  };
}

(hasPulumi ? describe : describe.skip)("pulumi policy analyze", () => {
  const bad = () => exported(pod({ ...restrictedSpec, hostNetwork: true }));
  const strict: Json = { all: "disabled", "pod-security": "mandatory" };
  const analyze = (state: string, config?: Json) =>
    pulumi(["policy", "analyze", "--file", state, ...packOptions(config)]);

  test("without configuration a bad stack is warned of, and passes", async () => {
    const { code, output } = await analyze(bad());
    expect(code).toBe(0);
    expect(output).toMatch(/\[advisory\].*pod-security/);
  });

  test("one file stops it, with the object, the reason and the mend", async () => {
    const { code, output } = await analyze(bad(), strict);
    expect(code).not.toBe(0);
    expect(output).toContain(
      'Pod shop/web would violate PodSecurity "restricted:latest": host namespaces (hostNetwork=true)',
    );
    expect(output).toContain("Mend: leave hostNetwork, hostPID and hostIPC out.");
    expect(output).toContain("[mandatory]");
  });

  test("an exempted one passes and says so", async () => {
    const exemptions = [{ namespace: "shop", control: "hostNamespaces", reason: "it is the router" }];
    const { code, output } = await analyze(bad(), {
      ...strict,
      "pod-security": { enforcementLevel: "mandatory", exemptions },
    });
    expect({ code, output }).toMatchObject({
      code: 0,
      output: containing("Exempted (it is the router): Pod shop/web"),
    });
  });

  test("an exemption without a reason is refused", async () => {
    const { code, output } = await analyze(bad(), { "pod-security": { exemptions: [{ namespace: "shop" }] } });
    expect(code).not.toBe(0);
    expect(output).toContain("reason");
  });

  test("a stack without Kubernetes passes everything as mandatory", async () => {
    const bucket = { type: "aws:s3/bucket:Bucket", name: "data", inputs: { spec: { containers: [] } } };
    expect(await analyze(exported(bucket), { all: "mandatory" })).toMatchObject({ code: 0 });
  });

  test("a spec that is secret, and cannot be decrypted, is not taken for a violation", async () => {
    const { code, output } = await analyze(
      exported({ ...pod({}), inputs: { metadata: {}, spec: "[secret]" } }),
      strict,
    );
    expect({ code, output }).toMatchObject({ code: 0, output: containing("cannot be judged in full") });
  });
});

(hasPulumi && hasCluster ? describe : describe.skip)("pulumi preview", () => {
  const program = `
    import * as k8s from "@pulumi/kubernetes";
    import * as random from "@pulumi/random";
    const user = new random.RandomInteger("user", { min: 1, max: 9 }).result;
    const container = ${JSON.stringify(restrictedContainer)};
    const securityContext = { ...container.securityContext, runAsUser: user, privileged: process.env.PRIVILEGED === "yes" };
    new k8s.core.v1.Pod("web", {
      metadata: { name: "web", namespace: "default" },
      spec: { ...${JSON.stringify(restrictedSpec)}, containers: [{ ...container, securityContext }] },
    });`;

  beforeAll(async () => {
    writeFileSync(
      join(directory, "Pulumi.yaml"),
      "name: shop\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.mjs\n",
    );
    writeFileSync(join(directory, "package.json"), JSON.stringify({ name: "shop", type: "module", main: "index.mjs" }));
    writeFileSync(join(directory, "index.mjs"), program);
    const modules = dirname(dirname(dirname(require.resolve("@pulumi/pulumi/package.json"))));
    symlinkSync(modules, join(directory, "node_modules"));
    expect(await pulumi(["stack", "init", "dev"])).toMatchObject({ code: 0 });
  }, 60_000);

  const preview = (config: Json) => pulumi(["preview", "--stack", "dev", "--non-interactive", ...packOptions(config)]);

  test("what is not known yet is said, and hides nothing else", async () => {
    process.env.PRIVILEGED = "yes";
    const { code, output } = await preview({ all: "disabled", "pod-security": "mandatory" });
    delete process.env.PRIVILEGED;
    expect(code).not.toBe(0);
    expect(output).toContain('privileged (container "app" must not set securityContext.privileged=true)');
    expect(output).toContain("not known yet:\n            spec.containers[0].securityContext.runAsUser");
  }, 120_000);

  test("and is no violation by itself", async () => {
    expect(await preview({ all: "disabled", "pod-security": "mandatory" })).toMatchObject({ code: 0 });
  }, 120_000);
});
