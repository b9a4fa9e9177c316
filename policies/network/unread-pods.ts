import { isOtherEngine } from "./other-engines.ts";

/** Built-in API groups. The pack reads all their kinds that create pods. */
const builtInGroups: ReadonlySet<string> = new Set([
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "apiregistration.k8s.io",
  "apps",
  "auditregistration.k8s.io",
  "authentication.k8s.io",
  "authorization.k8s.io",
  "autoscaling",
  "batch",
  "certificates.k8s.io",
  "coordination.k8s.io",
  "core",
  "discovery.k8s.io",
  "events.k8s.io",
  "extensions",
  "flowcontrol.apiserver.k8s.io",
  "internal.apiserver.k8s.io",
  "meta",
  "networking.k8s.io",
  "node.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "resource.k8s.io",
  "scheduling.k8s.io",
  "settings.k8s.io",
  "storage.k8s.io",
  "storagemigration.k8s.io",
]);

/** Groups of common custom resources without pods, and of Pulumi components, whose children are separate resources. */
const groupsWithoutPods: ReadonlySet<string> = new Set([
  "bitnami.com",
  "cert-manager.io",
  "external-secrets.io",
  "gateway.networking.k8s.io",
  "kustomize",
  "kyverno.io",
  "metallb.io",
  "networking.istio.io",
  "policies.kyverno.io",
  "security.istio.io",
  "snapshot.storage.k8s.io",
  "telemetry.istio.io",
  "traefik.io",
  "yaml",
]);

/** Kinds without pods, in groups that also have kinds with pods. */
const kindsWithoutPods: Readonly<Record<string, readonly string[]>> = {
  "autoscaling.k8s.io": ["VerticalPodAutoscaler"],
  "helm.sh": ["Chart"],
  "keda.sh": ["ScaledObject", "TriggerAuthentication", "ClusterTriggerAuthentication"],
  "kafka.strimzi.io": ["KafkaTopic", "KafkaUser", "KafkaConnector"],
  "monitoring.coreos.com": [
    "AlertmanagerConfig",
    "PodMonitor",
    "Probe",
    "PrometheusRule",
    "ScrapeConfig",
    "ServiceMonitor",
  ],
  "postgresql.cnpg.io": [
    "Backup",
    "Database",
    "ImageCatalog",
    "ClusterImageCatalog",
    "Publication",
    "ScheduledBackup",
    "Subscription",
  ],
};

/** Whether objects of a kind may create pods that the pack does not read. */
export function mayCreatePods(group: string, kind: string): boolean {
  if (builtInGroups.has(group) || groupsWithoutPods.has(group) || isOtherEngine(group, kind)) return false;
  return !(Object.hasOwn(kindsWithoutPods, group) && (kindsWithoutPods[group] ?? []).includes(kind));
}
