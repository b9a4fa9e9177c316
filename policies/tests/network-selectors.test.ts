import { app, findings, ids, namespace, peer, policy, runRules, tcp, validStack, workload } from "./network-support.ts";
import type { Json } from "./support.ts";

describe("dangling: selectors that select nothing", () => {
  test("reports a policy or a peer that selects no pod in a namespace of the stack", () => {
    const lost = policy("back", "lost", {
      podSelector: app("bd"),
      ingress: [{ from: [peer("front", "wbe")], ports: tcp(1) }],
    });
    const found = findings([...validStack(), lost]).filter((line) => line.startsWith("dangling"));
    expect(found).toEqual([
      expect.stringContaining("NetworkPolicy back/lost selects no pod: spec.podSelector is app=bd"),
      expect.stringContaining(
        "(spec.ingress[0].from[0]) selects no pod: app=wbe in namespaces kubernetes.io/metadata.name=front",
      ),
    ]);
  });

  test("reports peers in namespaces outside the stack as unknown", () => {
    const { found, unknown } = runRules([
      ...validStack({ ingress: { from: [peer("front", "web"), peer("monitoring", "prometheus")] } }),
    ]);
    expect(found).toEqual([]);
    expect(unknown).toEqual([expect.stringContaining("selects any pod: app=prometheus")]);
  });

  test("includes the labels that controllers add", () => {
    const job = workload("back", "init", { kind: "batch/v1:Job", labels: {} });
    const byJob = policy("back", "init", {
      podSelector: { matchLabels: { "batch.kubernetes.io/job-name": "init" } },
      policyTypes: ["Ingress"],
    });
    expect(findings([...validStack(), job, byJob])).toEqual([]);
    const set = workload("back", "set", { kind: "apps/v1:StatefulSet", replicas: 2 });
    const byPod = (pod: string) =>
      policy("back", "one", {
        podSelector: { matchLabels: { "statefulset.kubernetes.io/pod-name": pod } },
        policyTypes: ["Ingress"],
      });
    expect(findings([...validStack(), set, byPod("set-1")])).toEqual([]);
    expect(ids(findings([...validStack(), set, byPod("set-2")]))).toEqual(["dangling"]);
  });
});

describe("selector-pitfall: selectors that do not mean what they look like", () => {
  test("reports namespaceSelector and podSelector as two list items", () => {
    const split = { from: [{ namespaceSelector: peer("front").namespaceSelector }, { podSelector: app("web") }] };
    expect(findings(validStack({ ingress: split }))).toContainEqual(
      expect.stringContaining("selector-pitfall: NetworkPolicy back/from-web lists namespaceSelector"),
    );
    const meant = { from: [peer("front"), { podSelector: app("db") }] };
    expect(ids(findings(validStack({ ingress: meant })))).not.toContain("selector-pitfall");
  });

  test("reports a podSelector without namespaceSelector that selects nothing in the policy's own namespace", () => {
    const found = findings(validStack({ ingress: { from: [{ podSelector: app("web") }] } }));
    expect(found).toContainEqual(
      expect.stringContaining(
        "selects pods in its own namespace only, where no pod has app=web; namespace front has some",
      ),
    );
    expect(found.some((line) => line.startsWith("dangling"))).toBe(false);
  });

  test("reports a podSelector for all namespaces", () => {
    const found = findings(validStack({ ingress: { from: [{ namespaceSelector: {}, podSelector: app("web") }] } }));
    expect(found).toEqual([expect.stringContaining("selects pods by label in all namespaces")]);
  });

  test("reports a namespaceSelector with a label that the namespace does not have", () => {
    const byName = (labels: Json) => [
      namespace("front", labels),
      ...validStack({ ingress: { from: [{ namespaceSelector: { matchLabels: { name: "front" } } }] } }).slice(1),
    ];
    expect(findings(byName({}))).toContainEqual(
      expect.stringContaining("selects namespaces by the label name=front, which namespace front does not have"),
    );
    expect(findings(byName({ name: "front" }))).toEqual([]);
  });
});
