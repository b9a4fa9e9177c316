import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { KubernetesPoliciesArgs } from "../../policies.ts";
import { restrictedContainer, restrictedSpec } from "../support.ts";
import { ApiServer } from "./api-server.ts";
import { Pulumi } from "./pulumi.ts";

/** Charts and YAML files: the pack evaluates the objects that the Kubernetes provider creates from them. */
const kubeconfig = process.env.KUBECONFIG;
const hasPulumi = spawnSync("pulumi", ["version"]).status === 0;
const suite = hasPulumi && kubeconfig !== undefined ? describe : describe.skip;

const podSecurity: KubernetesPoliciesArgs = { all: "disabled", "pod-security": "mandatory" };
const image = process.env.PROBE_IMAGE ?? "local.bana/busybox:1";
const namespace = "policies-components";

/** A Deployment in JSON, which is valid YAML; `hostPID` may be a template expression. */
const deployment = (name: string, hostPID: string): string => {
  const labels = { app: name };
  const container = { ...restrictedContainer, image, command: ["sleep", "infinity"] };
  const securityContext = { ...container.securityContext, runAsUser: 1000 };
  const spec = { ...restrictedSpec, hostPID: "HOST_PID", containers: [{ ...container, securityContext }] };
  return JSON.stringify({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, ...spec } },
    },
  }).replace('"HOST_PID"', hostPID);
};

const program = (hostPID: boolean) => `
  import * as core from "@pulumi/kubernetes/core/v1/index.js";
  import * as helm from "@pulumi/kubernetes/helm/v4/index.js";
  import * as yaml from "@pulumi/kubernetes/yaml/v2/index.js";
  const namespace = new core.Namespace("${namespace}", { metadata: { name: "${namespace}" } });
  const after = { dependsOn: namespace };
  new helm.Chart("from-chart", { chart: "./chart", namespace: "${namespace}", values: { hostPID: ${String(hostPID)} } }, after);
  new yaml.ConfigFile("from-file", { file: "./file.yaml" }, after);`;

suite("the resources of a chart and a YAML file", () => {
  let pulumi: Pulumi;
  const server = new ApiServer(kubeconfig ?? "");
  beforeAll(async () => {
    pulumi = new Pulumi();
    await pulumi.createProject(program(true));
    mkdirSync(join(pulumi.directory, "chart", "templates"), { recursive: true });
    pulumi.write("chart/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n");
    pulumi.write("chart/values.yaml", "hostPID: false\n");
    pulumi.write("chart/templates/deployment.yaml", deployment("from-chart", "{{ .Values.hostPID }}"));
    pulumi.write("file.yaml", deployment("from-file", "true"));
  });
  afterAll(async () => {
    await pulumi.run(["destroy", "--yes", "--skip-preview", "--stack", "dev"]);
    pulumi.remove();
    server.close();
  });

  test("fail the preview if they violate a policy", async () => {
    const options = ["--stack", "dev", "--non-interactive", ...pulumi.packOptions(podSecurity)];
    const { code, output } = await pulumi.run(["preview", ...options]);
    expect(code).not.toBe(0);
    for (const name of ["from-chart", "from-file"]) {
      expect(output).toContain(`Deployment ${namespace}/${name} would violate PodSecurity`);
    }
  });

  test("are created if they comply, and a second preview has no changes", async () => {
    pulumi.write("index.mjs", program(false));
    pulumi.write("file.yaml", deployment("from-file", "false"));
    const options = ["--stack", "dev", ...pulumi.packOptions(podSecurity)];
    expect(await pulumi.run(["up", "--yes", "--skip-preview", ...options])).toMatchObject({ code: 0 });
    for (const name of ["from-chart", "from-file"]) {
      const { body } = await server.get(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
      expect(body).toMatchObject({ status: { readyReplicas: 1 } });
    }
    const again = await pulumi.run(["preview", "--expect-no-changes", "--non-interactive", ...options]);
    expect(again).toMatchObject({ code: 0 });
  });
});
