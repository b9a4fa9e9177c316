import { expect, test } from "@jest/globals";
import type { ManifestObject } from "../../../components/operators/manifest.ts";
import { strimziObjects } from "../../../components/operators/strimzi.ts";
import { operators } from "../../../settings/operators.ts";

const account = { kind: "ServiceAccount", name: "strimzi-cluster-operator", namespace: "myproject" };
const object = (kind: string, name: string, fields: object = {}): ManifestObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name },
  ...fields,
});

/** What the release manifest has, as far as the program changes it. */
const manifest = [
  object("ServiceAccount", "strimzi-cluster-operator"),
  object("RoleBinding", "strimzi-cluster-operator-watched", { subjects: [account] }),
  object("RoleBinding", "strimzi-cluster-operator-leader-election", { subjects: [account] }),
  object("ClusterRoleBinding", "strimzi-cluster-operator", { subjects: [account] }),
  object("ClusterRole", "strimzi-kafka-broker"),
  object("CustomResourceDefinition", "kafkas.kafka.strimzi.io"),
  object("Deployment", "strimzi-cluster-operator", {
    spec: {
      selector: { matchLabels: { "strimzi.io/kind": "cluster-operator" } },
      template: {
        metadata: { labels: { "strimzi.io/kind": "cluster-operator" } },
        spec: {
          volumes: [{ name: "strimzi-tmp", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } }],
          containers: [
            {
              name: "strimzi-cluster-operator",
              image: "quay.io/strimzi/operator:1.0.1",
              env: [
                { name: "STRIMZI_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
                { name: "STRIMZI_FEATURE_GATES", value: "" },
              ],
            },
          ],
        },
      },
    },
  }),
];

const { strimzi: settings } = operators.parse({});
const objects = strimziObjects({
  manifest,
  settings,
  image: (reference) => `mirror/${reference}`,
  pool: { nodeSelector: {}, tolerations: [] },
});
const named = (kind: string, name: string) =>
  objects.find((found) => found.kind === kind && found.metadata.name === name);

test("the operator is in its own namespace, and has its rights in that of Kafka", () => {
  expect(named("ServiceAccount", "strimzi-cluster-operator")?.metadata.namespace).toBe("strimzi");
  expect(named("Deployment", "strimzi-cluster-operator")?.metadata.namespace).toBe("strimzi");
  expect(named("RoleBinding", "strimzi-cluster-operator-leader-election")?.metadata.namespace).toBe("strimzi");
  expect(named("RoleBinding", "strimzi-cluster-operator-watched")?.metadata.namespace).toBe("nx-broker");
  for (const kind of ["ClusterRole", "CustomResourceDefinition", "ClusterRoleBinding"]) {
    expect(objects.find((found) => found.kind === kind)?.metadata).not.toHaveProperty("namespace");
  }
  for (const binding of objects.filter(({ kind }) => kind.endsWith("RoleBinding"))) {
    expect(binding).toMatchObject({ subjects: [{ namespace: "strimzi" }] });
  }
});

test("it watches that namespace only, makes restricted pods, and no policies", () => {
  const { template } = named("Deployment", "strimzi-cluster-operator")?.["spec"] as {
    template: { spec: { containers: { image: string; env: unknown; securityContext: unknown }[] } };
  };
  expect(template.spec.containers).toMatchObject([
    {
      image: "mirror/quay.io/strimzi/operator:1.0.1",
      env: [
        { name: "STRIMZI_NAMESPACE", value: "nx-broker" },
        { name: "STRIMZI_FEATURE_GATES", value: "" },
        { name: "STRIMZI_POD_SECURITY_PROVIDER_CLASS", value: "restricted" },
        { name: "STRIMZI_NETWORK_POLICY_GENERATION", value: "false" },
      ],
      securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
    },
  ]);
});

test("one of its two pods stays when a node is drained", () => {
  expect(named("PodDisruptionBudget", "strimzi-cluster-operator")).toMatchObject({
    metadata: { namespace: "strimzi" },
    spec: { maxUnavailable: 1 },
  });
});
