import { spawnSync } from "node:child_process";
import type { KubernetesPoliciesArgs } from "../../policies.ts";
import { restrictedContainer, restrictedSpec, type Json } from "../support.ts";
import { ApiServer } from "./api-server.ts";
import { Pulumi } from "./pulumi.ts";

/** Previews and updates of programs, by Pulumi's own engine on the cluster of KUBECONFIG. */
const kubeconfig = process.env.KUBECONFIG;
const hasPulumi = spawnSync("pulumi", ["version"]).status === 0;
const suite = hasPulumi && kubeconfig !== undefined ? describe : describe.skip;

const podSecurity: KubernetesPoliciesArgs = { all: "disabled", "pod-security": "mandatory" };

suite("pulumi preview and up", () => {
  let pulumi: Pulumi;
  const server = new ApiServer(kubeconfig ?? "");
  beforeEach(() => (pulumi = new Pulumi()));
  afterEach(() => pulumi.remove());
  afterAll(() => server.close());

  const preview = (config?: KubernetesPoliciesArgs) =>
    pulumi.run(["preview", "--stack", "dev", "--non-interactive", ...pulumi.packOptions(config)]);
  const up = (config: KubernetesPoliciesArgs) =>
    pulumi.run(["up", "--yes", "--skip-preview", "--stack", "dev", ...pulumi.packOptions(config)]);

  test("a bad stack is stopped at the preview; without configuration it is warned of; exempted it passes and says so", async () => {
    await pulumi.program(deployment("web", "default", { ...restrictedSpec, hostNetwork: true }));

    const stopped = await preview(podSecurity);
    expect(stopped.code).not.toBe(0);
    expect(stopped.output).toContain(
      'Deployment default/web would violate PodSecurity "restricted:latest": host namespaces (hostNetwork=true)',
    );
    expect(stopped.output).toContain("Fix: remove hostNetwork, hostPID and hostIPC.");

    const warned = await preview();
    expect(warned).toMatchObject({ code: 0 });
    expect(warned.output).toMatch(/\[advisory\].*pod-security/);

    const exemptions = [{ kind: "Deployment", name: "web", control: "hostNamespaces", reason: "it is the router" }];
    const exempted = await preview({
      ...podSecurity,
      "pod-security": { enforcementLevel: "mandatory", exemptions },
    });
    expect(exempted).toMatchObject({ code: 0 });
    expect(exempted.output).toContain("Exempted (it is the router): Deployment default/web");
  });

  test("an update does not create what a policy refuses", async () => {
    await pulumi.program(deployment("refused", "default", { ...restrictedSpec, hostPID: true }));
    const { code, output } = await up(podSecurity);
    expect(code).not.toBe(0);
    expect(output).toContain("host namespaces (hostPID=true)");
    expect(await server.get("/apis/apps/v1/namespaces/default/deployments/refused")).toMatchObject({ status: 404 });
  });

  test("what is not known yet is said, and neither hides anything nor is a violation by itself", async () => {
    const program = (privileged: boolean) => `
      import * as core from "@pulumi/kubernetes/core/v1/index.js";
      import * as random from "@pulumi/random";
      const runAsUser = new random.RandomInteger("user", { min: 1, max: 9 }).result;
      const container = ${JSON.stringify(restrictedContainer)};
      const securityContext = { ...container.securityContext, runAsUser, privileged: ${privileged} };
      new core.Pod("web", {
        metadata: { name: "web", namespace: "default" },
        spec: { ...${JSON.stringify(restrictedSpec)}, containers: [{ ...container, securityContext }] },
      });`;
    await pulumi.program(program(true));
    const bad = await preview(podSecurity);
    expect(bad.code).not.toBe(0);
    expect(bad.output).toContain('privileged (container "app" must not set securityContext.privileged=true)');
    expect(bad.output).toContain("Unknown or encrypted values:\n            spec.containers[0].securityContext.runAsUser");

    pulumi.write("index.mjs", program(false));
    const good = await preview(podSecurity);
    expect(good).toMatchObject({ code: 0 });
    expect(good.output).toContain("Unknown or encrypted values:\n            spec.containers[0].securityContext.runAsUser");
  });

  test("a program without Kubernetes passes every policy as mandatory, without a word", async () => {
    await pulumi.program(
      'import * as random from "@pulumi/random"; new random.RandomInteger("n", { min: 1, max: 9 });',
    );
    const { code, output } = await preview({ all: "mandatory" });
    expect(code).toBe(0);
    expect(output).toContain("kubernetes-policies@");
    expect(output).not.toMatch(/\[(advisory|mandatory)\]/);
  });

  test("remediation fixes what is created, says what it cannot fix, and changes nothing the second time", async () => {
    const namespace = "policies-remediation";
    const container = { name: "app", image, command: ["sleep", "infinity"], securityContext: { runAsUser: 1000 } };
    const bare = { terminationGracePeriodSeconds: 0, containers: [container] };
    const remediate: KubernetesPoliciesArgs = { all: "disabled", "pod-security": "remediate" };
    await pulumi.program(namespaced(namespace) + deployment("web", namespace, { ...bare, hostPID: true }));
    const refused = await up(remediate);
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain("host namespaces (hostPID=true)");

    pulumi.write("index.mjs", namespaced(namespace) + deployment("web", namespace, bare));
    // The namespace admits restricted pods only: that the update ends says that the pod runs.
    expect(await up(remediate)).toMatchObject({ code: 0 });
    const { body } = await server.get(`/apis/apps/v1/namespaces/${namespace}/deployments/web`);
    expect(body).toMatchObject({
      status: { readyReplicas: 1 },
      spec: {
        template: {
          spec: {
            securityContext: { seccompProfile: { type: "RuntimeDefault" } },
            containers: [
              {
                securityContext: {
                  allowPrivilegeEscalation: false,
                  capabilities: { drop: ["ALL"] },
                  runAsNonRoot: true,
                  runAsUser: 1000,
                },
              },
            ],
          },
        },
      },
    });
    const again = ["preview", "--expect-no-changes", "--stack", "dev", "--non-interactive"];
    expect(await pulumi.run([...again, ...pulumi.packOptions(remediate)])).toMatchObject({ code: 0 });
    expect(await pulumi.run(["destroy", "--yes", "--skip-preview", "--stack", "dev"])).toMatchObject({ code: 0 });
  });
});

/** Any image with `sleep`. */
const image = process.env.PROBE_IMAGE ?? "local.bana/busybox:1";

function deployment(name: string, namespace: string, spec: Json): string {
  const labels = { app: name };
  const object = {
    metadata: { name, namespace },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
  return `import * as apps from "@pulumi/kubernetes/apps/v1/index.js";
    new apps.Deployment("${name}", ${JSON.stringify(object)}${namespace === "default" ? "" : ", { dependsOn: namespace }"});`;
}

/** A namespace that admits restricted pods only, as `namespace` of the program. */
function namespaced(name: string): string {
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  return `import * as core from "@pulumi/kubernetes/core/v1/index.js";
    const namespace = new core.Namespace("${name}", ${JSON.stringify({ metadata: { name, labels } })});\n`;
}
