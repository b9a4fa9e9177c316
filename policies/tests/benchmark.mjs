// Prints how long the compiled pack takes to start and to judge a large stack: `npm run bench` in this package.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { performance } from "node:perf_hooks";

const require = createRequire(import.meta.url);
const server = require("@pulumi/policy/server");
const analyzer = require("@pulumi/pulumi/proto/analyzer_pb");
const { Struct } = require("google-protobuf/google/protobuf/struct_pb");
const { KubernetesPolicies } = require("../bin/index.js");

const pack = join(import.meta.dirname, "..");

/** Workloads, each with the two policies that let it talk to the next, in namespaces of a hundred. */
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
  const message = new analyzer.AnalyzerResource();
  message.setType(`kubernetes:${type}`);
  message.setName(props.metadata.name);
  message.setUrn(
    `urn:pulumi:bench::bench::kubernetes:${type}::${props.metadata.namespace ?? ""}-${props.metadata.name}`,
  );
  message.setProperties(Struct.fromJavaScript(props));
  message.setOptions(new analyzer.AnalyzerResourceOptions());
  return message;
}

async function judge(resources) {
  const { policies } = new KubernetesPolicies();
  const invoke = (make, request) =>
    new Promise((resolve, reject) => {
      const done = (error, response) => (error ? reject(error) : resolve(response.getDiagnosticsList()));
      void make("bench", "1.0.0", "mandatory", policies)({ request }, done);
    });
  const begun = performance.now();
  let found = 0;
  for (const resource of resources) found += (await invoke(server.makeAnalyzeRpcFun, resource)).length;
  const each = performance.now() - begun;
  const request = new analyzer.AnalyzeStackRequest();
  request.setResourcesList(resources);
  const ofStack = await invoke(server.makeAnalyzeStackRpcFun, request);
  for (const diagnostic of ofStack) console.log(diagnostic.getMessage());
  return { each, stack: performance.now() - begun - each, found: found + ofStack.length };
}

function bootTime(script) {
  const code = `const begun=performance.now();process.chdir(${JSON.stringify(pack)});console.log=()=>{console.error(performance.now()-begun);process.exit()};${script}`;
  const times = Array.from({ length: 5 }, () => {
    const begun = performance.now();
    spawnSync(process.execPath, ["-e", code]);
    return performance.now() - begun;
  });
  return Math.min(...times);
}

const empty = bootTime("console.log()");
const boot = bootTime(`require(${JSON.stringify(join(pack, "bin", "pack.js"))})`);
console.log(
  `boot: ${Math.round(boot)} ms, an empty Node ${Math.round(empty)} ms: ${Math.round(boot - empty)} ms above it (aim: 800)`,
);
for (const workloads of [500, 1000, 2000]) {
  const { each, stack, found } = await judge(stackOf(workloads));
  console.log(
    `${workloads} workloads, ${workloads} policies: resources ${Math.round(each)} ms, stack ${Math.round(stack)} ms, ` +
      `${found} violations, ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB (aim at 2000: 5000 ms, 512 MiB)`,
  );
}
