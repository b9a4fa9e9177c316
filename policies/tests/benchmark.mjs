// Measures the start-up time of the compiled pack, its time and memory for large stacks, and its cost in the SDK's server,
// which decodes the stack, compared with a pack whose policies do nothing. Run it with `npm run bench`.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { performance } from "node:perf_hooks";

const require = createRequire(import.meta.url);
const server = require("@pulumi/policy/server");
const { unknownCheckingProxy } = require("@pulumi/policy");
const analyzer = require("@pulumi/pulumi/proto/analyzer_pb");
const { Struct } = require("google-protobuf/google/protobuf/struct_pb");
const { KubernetesPolicies } = require("../bin/index.js");

const pack = join(import.meta.dirname, "..");

/** Workloads in namespaces of 100. Each has a policy that allows connections from the previous one and to the next. */
function stackOf(workloads) {
  const resources = [];
  const namespaceOf = (index) => `team-${Math.floor(index / 100)}`;
  for (let first = 0; first < workloads; first += 100) {
    const name = namespaceOf(first);
    const labels = {
      "pod-security.kubernetes.io/enforce": "restricted",
      "pod-security.kubernetes.io/enforce-version": "v1.34",
    };
    resources.push(of("core/v1:Namespace", { metadata: { name, labels } }));
    resources.push(policy(name, "default-deny", {}, { policyTypes: ["Ingress", "Egress"] }));
  }
  const named = (index) => ({
    podSelector: { matchLabels: { app: `app-${index}` } },
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespaceOf(index) } },
  });
  const ports = [{ port: 8080 }];
  for (let index = 0; index < workloads; index += 1) {
    const app = { app: `app-${index}` };
    const next = (index + 1) % workloads;
    const previous = (index + workloads - 1) % workloads;
    resources.push(statefulSet(namespaceOf(index), app));
    resources.push(
      policy(
        namespaceOf(index),
        app.app,
        { matchLabels: app },
        {
          ingress: [{ from: [named(previous)], ports }],
          egress: [
            { to: [named(next)], ports },
            {
              to: [
                {
                  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
                  podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
                },
              ],
              ports: [{ port: 53, protocol: "UDP" }, { port: 53 }],
            },
          ],
          policyTypes: ["Ingress", "Egress"],
        },
      ),
    );
  }
  return resources;
}

function policy(namespace, name, podSelector, spec) {
  return of("networking.k8s.io/v1:NetworkPolicy", { metadata: { namespace, name }, spec: { podSelector, ...spec } });
}

function statefulSet(namespace, labels) {
  const container = (name) => ({
    name,
    image: "registry.example/app:1",
    ports: [{ containerPort: 8080, name: "http" }],
    env: Array.from({ length: 10 }, (_, index) => ({ name: `NAME_${index}`, value: "value" })),
    resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } },
    readinessProbe: { tcpSocket: { port: 8080 } },
    livenessProbe: { tcpSocket: { port: 8080 } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
  });
  return of("apps/v1:StatefulSet", {
    metadata: { namespace, name: labels.app },
    spec: {
      replicas: 1,
      template: {
        metadata: { labels },
        spec: {
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
          initContainers: [container("init")],
          containers: [container("app"), container("metrics")],
          volumes: [{ name: "scratch", emptyDir: {} }],
        },
      },
    },
  });
}

function of(type, props) {
  const urn = `urn:pulumi:bench::bench::kubernetes:${type}::${props.metadata.namespace ?? ""}-${props.metadata.name}`;
  return { type: `kubernetes:${type}`, name: props.metadata.name, urn, props };
}

const packs = {
  /** Calls the pack's policies directly, as the SDK does. */
  async judging(resources) {
    const { policies } = new KubernetesPolicies();
    const proxied = resources.map((resource) => ({
      ...resource,
      props: unknownCheckingProxy(resource.props),
      getConfig: () => ({}),
    }));
    let found = 0;
    const report = () => (found += 1);
    for (const policy of policies) {
      const { validateResource = () => undefined } = policy;
      const only = validateResource.__pulumiType;
      for (const resource of proxied)
        if (only === undefined || only === resource.type) await validateResource(resource, report);
      await policy.validateStack?.({ resources: proxied, getConfig: () => ({}) }, report);
    }
    return found;
  },
  /** The SDK's server with the pack, and with policies that do nothing as the baseline. */
  server: (resources) => throughServer(resources, new KubernetesPolicies().policies),
  baseline: (resources) =>
    throughServer(resources, [
      { name: "each", description: "", validateResource: () => undefined },
      { name: "stack", description: "", validateStack: () => undefined },
    ]),
};

async function throughServer(resources, policies) {
  const invoke = (make, request) =>
    new Promise((resolve, reject) => {
      const done = (error, response) => (error ? reject(error) : resolve(response.getDiagnosticsList().length));
      void make("bench", "1.0.0", "mandatory", policies)({ request: received(request) }, done);
    });
  let found = 0;
  for (const resource of resources) found += await invoke(server.makeAnalyzeRpcFun, message(resource));
  const request = new analyzer.AnalyzeStackRequest();
  request.setResourcesList(resources.splice(0).map(message));
  return found + (await invoke(server.makeAnalyzeStackRpcFun, request));
}

function message({ type, name, urn, props }) {
  const resource = new analyzer.AnalyzerResource();
  resource.setType(type);
  resource.setName(name);
  resource.setUrn(urn);
  resource.setProperties(Struct.fromJavaScript(props));
  resource.setOptions(new analyzer.AnalyzerResourceOptions());
  return resource;
}

/** Serializes and deserializes a request, as between engine and server. */
function received(request) {
  return request.constructor.deserializeBinary(request.serializeBinary());
}

async function measure(kind, workloads) {
  const resources = stackOf(workloads);
  const start = { wall: performance.now(), cpu: process.cpuUsage() };
  const found = await packs[kind](resources);
  const { user, system } = process.cpuUsage(start.cpu);
  const peak = process.resourceUsage().maxRSS / 1024;
  return { wall: performance.now() - start.wall, cpu: (user + system) / 1000, peak, found };
}

function run(script, ...args) {
  const start = performance.now();
  const { stdout, stderr } = spawnSync(process.execPath, [...script, ...args], { cwd: pack, encoding: "utf8" });
  if (stderr !== "") throw new Error(stderr);
  return { wall: performance.now() - start, stdout };
}

function bootTime(script) {
  const code = `console.log=()=>process.exit();${script}`;
  return Math.min(...Array.from({ length: 7 }, () => run(["-e", code]).wall));
}

const [kind, size] = process.argv.slice(2);
if (kind !== undefined) {
  console.log(JSON.stringify(await measure(kind, Number(size))));
} else {
  const startup = bootTime('require("./bin/pack.js")') - bootTime("console.log()");
  console.log(`start-up: ${Math.round(startup)} ms more than plain Node (target: 800 ms)`);
  const measured = (of, workloads) => JSON.parse(run([import.meta.filename], of, String(workloads)).stdout);
  for (const workloads of [500, 1000, 2000]) {
    const { wall, cpu, peak, found } = measured("judging", workloads);
    console.log(
      `${workloads} workloads and as many network policies: ${Math.round(wall)} ms (${Math.round(cpu)} ms CPU time), ` +
        `peak ${Math.round(peak)} MiB, ${found} violations (target for 2000: 5000 ms, 512 MiB)`,
    );
  }
  const [baseline, server] = [measured("baseline", 1000), measured("server", 1000)];
  console.log(
    `1000 of each through the SDK's server: ${(server.cpu / baseline.cpu).toFixed(2)} times the CPU time and ` +
      `${(server.peak / baseline.peak).toFixed(2)} times the memory of a pack whose policies do nothing`,
  );
}
