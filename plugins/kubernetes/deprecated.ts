/** API versions that newer servers no longer serve. */
import { apiVersionOf, type GroupVersionKind } from "./kinds.ts";

/** `apiVersion/Kind`, or `apiVersion` for all its kinds: the version without it, and what to use instead. */
const removals: ReadonlyMap<string, { removedIn: string; use: string }> = new Map([
  ["extensions/v1beta1", { removedIn: "1.22", use: "apps/v1, networking.k8s.io/v1 or policy/v1" }],
  ["apps/v1beta1", { removedIn: "1.16", use: "apps/v1" }],
  ["apps/v1beta2", { removedIn: "1.16", use: "apps/v1" }],
  [
    "admissionregistration.k8s.io/v1beta1/MutatingWebhookConfiguration",
    { removedIn: "1.22", use: "admissionregistration.k8s.io/v1" },
  ],
  [
    "admissionregistration.k8s.io/v1beta1/ValidatingWebhookConfiguration",
    { removedIn: "1.22", use: "admissionregistration.k8s.io/v1" },
  ],
  ["apiextensions.k8s.io/v1beta1", { removedIn: "1.22", use: "apiextensions.k8s.io/v1" }],
  ["apiregistration.k8s.io/v1beta1", { removedIn: "1.22", use: "apiregistration.k8s.io/v1" }],
  ["autoscaling/v2beta1", { removedIn: "1.25", use: "autoscaling/v2" }],
  ["autoscaling/v2beta2", { removedIn: "1.26", use: "autoscaling/v2" }],
  ["batch/v1beta1", { removedIn: "1.25", use: "batch/v1" }],
  ["certificates.k8s.io/v1beta1", { removedIn: "1.22", use: "certificates.k8s.io/v1" }],
  ["coordination.k8s.io/v1beta1", { removedIn: "1.22", use: "coordination.k8s.io/v1" }],
  ["discovery.k8s.io/v1beta1", { removedIn: "1.25", use: "discovery.k8s.io/v1" }],
  ["events.k8s.io/v1beta1", { removedIn: "1.25", use: "events.k8s.io/v1" }],
  ["flowcontrol.apiserver.k8s.io/v1beta1", { removedIn: "1.26", use: "flowcontrol.apiserver.k8s.io/v1" }],
  ["flowcontrol.apiserver.k8s.io/v1beta2", { removedIn: "1.29", use: "flowcontrol.apiserver.k8s.io/v1" }],
  ["flowcontrol.apiserver.k8s.io/v1beta3", { removedIn: "1.32", use: "flowcontrol.apiserver.k8s.io/v1" }],
  ["networking.k8s.io/v1beta1/Ingress", { removedIn: "1.22", use: "networking.k8s.io/v1" }],
  ["networking.k8s.io/v1beta1/IngressClass", { removedIn: "1.22", use: "networking.k8s.io/v1" }],
  ["node.k8s.io/v1beta1", { removedIn: "1.25", use: "node.k8s.io/v1" }],
  ["policy/v1beta1", { removedIn: "1.25", use: "policy/v1" }],
  ["rbac.authorization.k8s.io/v1alpha1", { removedIn: "1.22", use: "rbac.authorization.k8s.io/v1" }],
  ["rbac.authorization.k8s.io/v1beta1", { removedIn: "1.22", use: "rbac.authorization.k8s.io/v1" }],
  ["scheduling.k8s.io/v1beta1", { removedIn: "1.22", use: "scheduling.k8s.io/v1" }],
]);

const minor = (version: string): number => Number(version.split(".")[1]);

/** A warning about a kind that this server no longer serves, or that later ones will not; undefined when all is well. */
export function deprecation(
  gvk: GroupVersionKind,
  serverVersion: string,
): { removed: boolean; message: string } | undefined {
  const apiVersion = apiVersionOf(gvk);
  const removal = removals.get(`${apiVersion}/${gvk.kind}`) ?? removals.get(apiVersion);
  if (removal === undefined) return undefined;
  const removed = minor(serverVersion) >= minor(removal.removedIn);
  const what = `${apiVersion}/${gvk.kind} ${removed ? "was" : "will be"} removed in Kubernetes ${removal.removedIn}`;
  return { removed, message: `${what}; use ${removal.use} instead` };
}
