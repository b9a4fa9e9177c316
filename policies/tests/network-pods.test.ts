import {
  app,
  elsewhere,
  findings,
  fromTeamA,
  ids,
  peer,
  policy,
  runRules,
  service,
  stackWithout,
  tcp,
  unknown,
  unknownValues,
  validStack,
  workload,
} from "./network-support.ts";
import { resource, restrictedSpec, type Json } from "./support.ts";

/** A policy of `back` for the pods with a label. It is dangling unless a pod has the label. */
function byLabel(key: string, value: string) {
  return policy("back", "one", { podSelector: { matchLabels: { [key]: value } }, policyTypes: ["Ingress"] });
}

function cronJob(labels: Json = { app: "nightly" }) {
  const template = { metadata: { labels }, spec: restrictedSpec };
  return resource(
    "kubernetes:batch/v1:CronJob",
    { metadata: { namespace: "back", name: "nightly" }, spec: { jobTemplate: { spec: { template } } } },
    "back-nightly",
  );
}

describe("labels that controllers add", () => {
  test.each<[string, string, string, ReturnType<typeof workload>]>([
    ["a Job: its name", "job-name", "init", workload("back", "init", { kind: "batch/v1:Job" })],
    ["a Job: its name", "batch.kubernetes.io/job-name", "init", workload("back", "init", { kind: "batch/v1:Job" })],
    ["a Job: its UID", "controller-uid", "1", workload("back", "init", { kind: "batch/v1:Job" })],
    ["a Job: its UID", "batch.kubernetes.io/controller-uid", "1", workload("back", "init", { kind: "batch/v1:Job" })],
    ["a CronJob: the name of one of its Jobs", "job-name", "nightly-1", cronJob()],
    ["a CronJob: the name of one of its Jobs", "batch.kubernetes.io/job-name", "nightly-1", cronJob()],
    ["a CronJob: the UID of one of its Jobs", "controller-uid", "1", cronJob()],
    ["a Deployment: the hash", "pod-template-hash", "1", workload("back", "other")],
    [
      "a StatefulSet: the hash",
      "controller-revision-hash",
      "1",
      workload("back", "other", { kind: "apps/v1:StatefulSet" }),
    ],
    [
      "a DaemonSet: the hash",
      "controller-revision-hash",
      "1",
      workload("back", "other", { kind: "apps/v1:DaemonSet" }),
    ],
    [
      "a StatefulSet: the index",
      "apps.kubernetes.io/pod-index",
      "0",
      workload("back", "other", { kind: "apps/v1:StatefulSet" }),
    ],
    [
      "a StatefulSet: the name of a pod",
      "statefulset.kubernetes.io/pod-name",
      "other-0",
      workload("back", "other", { kind: "apps/v1:StatefulSet" }),
    ],
    [
      "a StatefulSet with unknown replicas: the name of a pod",
      "statefulset.kubernetes.io/pod-name",
      "other-7",
      workload("back", "other", { kind: "apps/v1:StatefulSet", replicas: unknown as unknown as number }),
    ],
  ])("%s, as %s", (_, key, value, pods) => {
    expect(findings([...validStack(), pods, byLabel(key, value)])).toEqual([]);
  });

  test.each<[string, string, string, ReturnType<typeof workload>]>([
    ["a Job: another name", "job-name", "other", workload("back", "init", { kind: "batch/v1:Job" })],
    ["a ReplicaSet: a hash", "pod-template-hash", "1", workload("back", "other", { kind: "apps/v1:ReplicaSet" })],
    ["a Deployment: a Job's name", "job-name", "other", workload("back", "other")],
    [
      "a StatefulSet: an index beyond its replicas",
      "apps.kubernetes.io/pod-index",
      "1",
      workload("back", "other", { kind: "apps/v1:StatefulSet", replicas: 1 }),
    ],
  ])("not %s", (_, key, value, pods) => {
    const stack = stackWithout("back-db", "front-to-db", "back-from-web");
    expect(ids(findings([...stack, pods, byLabel(key, value)]))).toEqual(["dangling"]);
  });

  test("Exists matches a label that controllers always add", () => {
    const exists = (key: string) =>
      policy("back", "deny", {
        podSelector: { matchExpressions: [{ key, operator: "Exists" }] },
        policyTypes: ["Ingress", "Egress"],
      });
    const stack = stackWithout("back-default-deny", "back-allow-dns");
    expect(ids(findings([...stack, exists("pod-template-hash")]))).toEqual(["default-deny"]);
    expect(ids(findings([...stack, exists("controller-revision-hash")]))).toContain("isolation");
  });
});

describe("pods of custom resources", () => {
  const rollout = (spec: Json, type = "argoproj.io/v1alpha1:Rollout") =>
    resource(`kubernetes:${type}`, { metadata: { namespace: "back", name: "db" }, spec }, "back-rollout");
  const template = (ports: Json[]) => ({
    metadata: { labels: { app: "db" } },
    spec: { containers: [{ name: "db", ports }] },
  });
  const others = [...stackWithout("back-db"), workload("back", "other", { ports: [1] })];

  test.each<[string, (made: Json) => Json]>([
    ["template", (made) => ({ template: made })],
    ["podTemplate", (made) => ({ podTemplate: made })],
    ["jobTemplate", (made) => ({ jobTemplate: { spec: { template: made } } })],
  ])("are read from a template at spec.%s", (_, at) => {
    expect(findings([...others, rollout(at(template([{ containerPort: 5432 }])))])).toEqual([]);
    expect(ids(findings([...others, rollout(at(template([{ containerPort: 1 }])))]))).toEqual(["pod-ports"]);
  });

  test("are unknown without a template, in their namespace only", () => {
    const cluster = (namespace: string) =>
      resource("kubernetes:postgresql.cnpg.io/v1:Cluster", { metadata: { namespace, name: "pg" }, spec: {} }, "pg");
    expect(ids(findings(others))).toEqual(["dangling"]);
    expect(findings([...others, cluster("back")])).toEqual([]);
    expect(elsewhere([...others, cluster("back")])).toContainEqual(
      expect.stringContaining("app=db matches none in this stack; Cluster back/pg may create some"),
    );
    expect(ids(findings([...others, cluster("front")]))).toEqual(["dangling"]);
  });

  test("an unknown template is reported", () => {
    const stack = [...others, rollout({ template: unknown })];
    expect(findings(stack)).toEqual([]);
    expect(unknownValues(stack)).toEqual(["Rollout back/db: spec.template"]);
  });

  test.each([
    "cert-manager.io/v1:Certificate",
    "monitoring.coreos.com/v1:ServiceMonitor",
    "rbac.authorization.k8s.io/v1:Role",
    "core/v1:ConfigMap",
  ])("%s creates no pods", (type) => {
    expect(ids(findings([...others, rollout({}, type)]))).toEqual(["dangling"]);
  });
});

describe("patches change the object that they apply to", () => {
  const patch = (type: string, metadata: Json, rest: Json = {}) =>
    resource(`kubernetes:${type}Patch`, { metadata, ...rest }, "patch");

  test("the labels of a namespace", () => {
    const stack = validStack({ ingress: fromTeamA });
    expect(ids(findings(stack))).toEqual(["counterpart"]);
    const label = (metadata: Json) => [...stack, patch("core/v1:Namespace", { labels: { team: "a" }, ...metadata })];
    expect(findings(label({ name: "front" }))).toEqual([]);
    expect(ids(findings(label({ name: "back" })))).toEqual(["counterpart", "dangling"]);
    expect(ids(findings(label({ name: "front", labels: { team: "b" } })))).toEqual(["counterpart"]);
    expect(findings(label({ name: unknown }))).toEqual([]);
    expect(findings(label({ name: "front", labels: { team: unknown } }))).toEqual([]);
  });

  test("the labels of a namespace outside this stack", () => {
    const stack = validStack({ ingress: fromTeamA }).slice(1);
    expect(findings([...stack, patch("core/v1:Namespace", { name: "front", labels: { team: "a" } })])).toEqual([]);
  });

  test("the labels and ports of pods", () => {
    const stack = [...stackWithout("back-db"), workload("back", "db", { labels: {}, ports: [1] })];
    const container = { name: "app", ports: [{ containerPort: 5432 }] };
    const template = { metadata: { labels: { app: "db" } }, spec: { containers: [container] } };
    const patched = patch("apps/v1:Deployment", { namespace: "back", name: "db" }, { spec: { template } });
    expect(ids(findings(stack))).toEqual(["dangling"]);
    expect(findings([...stack, patched])).toEqual([]);
  });

  test("the rules of a policy: a patch replaces the whole list", () => {
    const stack = validStack({ ingress: { ports: tcp(1) } });
    const ingress = [{ from: [peer("front", "web")], ports: tcp(5432) }];
    const at = (name: string) =>
      patch("networking.k8s.io/v1:NetworkPolicy", { namespace: "back", name }, { spec: { ingress } });
    expect(ids(findings(stack))).toEqual(["counterpart", "pod-ports"]);
    expect(findings([...stack, at("from-web")])).toEqual([]);
  });

  test("a policy outside this stack, which may select and allow anything", () => {
    const otherStack = patch("networking.k8s.io/v1:NetworkPolicy", { namespace: "back", name: "x" }, { spec: {} });
    expect(findings([...stackWithout("back-from-web"), otherStack])).toEqual([]);
  });

  test("the ports of a Service", () => {
    const rule = { ports: tcp(80) };
    const container = { name: "app" };
    const stack = [
      ...validStack({ egress: rule, ingress: rule, db: { spec: { containers: [container] } } }),
      service("back", "db", 80, 5432),
    ];
    const spec = { ports: [{ port: 80, protocol: "TCP", targetPort: 80 }] };
    expect(ids(findings(stack))).toEqual(["pod-ports"]);
    expect(findings([...stack, patch("core/v1:Service", { namespace: "back", name: "db" }, { spec })])).toEqual([]);
  });
});

describe("pods on the host network", () => {
  const agent = workload("back", "agent", { kind: "apps/v1:DaemonSet", spec: { hostNetwork: true } });
  const scraped = [
    ...validStack(),
    agent,
    policy("back", "from-agent", {
      podSelector: app("db"),
      policyTypes: ["Ingress"],
      ingress: [{ from: [{ podSelector: app("agent") }], ports: tcp(5432) }],
    }),
  ];

  test("are not selected as peers: the finding explains how to allow them", () => {
    const { found, fixes } = runRules(scraped);
    expect(ids(found)).toEqual(["dangling", "host-network"]);
    expect(found[0]).toContain(
      "NetworkPolicy back/from-agent (spec.ingress[0].from[0]) selects only pods on the node's network, which " +
        "selectors do not match: DaemonSet back/agent sets hostNetwork.",
    );
    expect(fixes[0]).toContain("remove hostNetwork from the pods, or allow the node addresses with an ipBlock");
  });

  test("are not selected by a policy: the finding names the policy", () => {
    const own = policy("back", "agent", { podSelector: app("agent"), policyTypes: ["Ingress"] });
    expect(findings([...validStack(), agent, own])).toContainEqual(
      expect.stringContaining("selects only pods on the node's network"),
    );
  });

  test("do not affect a rule that also selects other pods", () => {
    const pods = workload("back", "agent-pods", { labels: { app: "agent" } });
    const toDb = policy("back", "to-db", {
      podSelector: app("agent"),
      policyTypes: ["Egress"],
      egress: [{ to: [{ podSelector: app("db") }], ports: tcp(5432) }],
    });
    expect(ids(findings([...scraped, pods, toDb]))).toEqual(["host-network"]);
    expect(ids(findings([...scraped, pods]))).toEqual(["counterpart", "host-network"]);
  });

  test("are not reported if hostNetwork is unknown", () => {
    const unknownNetwork = workload("back", "agent", { spec: { hostNetwork: unknown } });
    expect(findings([...scraped.filter((each) => each !== agent), unknownNetwork])).toEqual([]);
  });
});
