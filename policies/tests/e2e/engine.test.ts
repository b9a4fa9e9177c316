import { spawnSync } from "node:child_process";
import type { KubernetesPoliciesArgs } from "../../policies.ts";
import { restrictedContainer, restrictedSpec, type Json } from "../support.ts";
import { ApiServer } from "./api-server.ts";
import { Pulumi } from "./pulumi.ts";

/** Previews and updates of programs with the Pulumi CLI on the cluster of KUBECONFIG. */
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

  test("a violation fails the preview, is advisory by default, and passes with an exemption", async () => {
    await pulumi.createProject(deployment("web", "default", { ...restrictedSpec, hostNetwork: true }));

    const failed = await preview(podSecurity);
    expect(failed.code).not.toBe(0);
    expect(failed.output).toContain(
      'Deployment default/web would violate PodSecurity "restricted:latest": host namespaces (hostNetwork=true)',
    );
    expect(failed.output).toContain("Fix: remove hostNetwork, hostPID and hostIPC.");

    const advisory = await preview();
    expect(advisory).toMatchObject({ code: 0 });
    expect(advisory.output).toMatch(/\[advisory\].*pod-security/);

    const exemptions = [{ kind: "Deployment", name: "web", control: "hostNamespaces", reason: "it is the router" }];
    const exempted = await preview({
      ...podSecurity,
      "pod-security": { enforcementLevel: "mandatory", exemptions },
    });
    expect(exempted).toMatchObject({ code: 0 });
    expect(exempted.output).toContain("Exempted (it is the router): Deployment default/web");
  });

  test("an update does not create a resource that violates a mandatory policy", async () => {
    await pulumi.createProject(deployment("rejected", "default", { ...restrictedSpec, hostPID: true }));
    const { code, output } = await up(podSecurity);
    expect(code).not.toBe(0);
    expect(output).toContain("host namespaces (hostPID=true)");
    expect(await server.get("/apis/apps/v1/namespaces/default/deployments/rejected")).toMatchObject({ status: 404 });
  });

  test("an unknown value is reported, hides no violation and is none", async () => {
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
    await pulumi.createProject(program(true));
    const violating = await preview(podSecurity);
    expect(violating.code).not.toBe(0);
    expect(violating.output).toContain('privileged (container "app" must not set securityContext.privileged=true)');
    const unknown = "Unknown or encrypted values:\n            spec.containers[0].securityContext.runAsUser";
    expect(violating.output).toContain(unknown);

    pulumi.write("index.mjs", program(false));
    const compliant = await preview(podSecurity);
    expect(compliant).toMatchObject({ code: 0 });
    expect(compliant.output).toContain(unknown);
  });

  test("a program without Kubernetes passes all policies as mandatory without reports", async () => {
    await pulumi.createProject(
      'import * as random from "@pulumi/random"; new random.RandomInteger("n", { min: 1, max: 9 });',
    );
    const { code, output } = await preview({ all: "mandatory" });
    expect(code).toBe(0);
    expect(output).toContain("kubernetes-policies@");
    expect(output).not.toMatch(/\[(advisory|mandatory)\]/);
  });

  test("remediation fixes new resources, reports what it cannot fix, and is idempotent", async () => {
    const namespace = "policies-remediation";
    const container = { name: "app", image, command: ["sleep", "infinity"], securityContext: { runAsUser: 1000 } };
    const bare = { terminationGracePeriodSeconds: 0, containers: [container] };
    const remediate: KubernetesPoliciesArgs = { all: "disabled", "pod-security": "remediate" };
    await pulumi.createProject(namespaceProgram(namespace) + deployment("web", namespace, { ...bare, hostPID: true }));
    const failed = await up(remediate);
    expect(failed.code).not.toBe(0);
    expect(failed.output).toContain("host namespaces (hostPID=true)");

    pulumi.write("index.mjs", namespaceProgram(namespace) + deployment("web", namespace, bare));
    // The namespace admits restricted pods only, so the update succeeds only if the pod complies.
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

/** An image with `sleep`. */
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

/** Declares a namespace that admits restricted pods only, as the variable `namespace` of the program. */
function namespaceProgram(name: string): string {
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  return `import * as core from "@pulumi/kubernetes/core/v1/index.js";
    const namespace = new core.Namespace("${name}", ${JSON.stringify({ metadata: { name, labels } })});\n`;
}
