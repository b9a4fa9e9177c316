/**
 * Which changes of which kinds need a new object. Other changes are tried in place, and the API server refuses what it
 * cannot change.
 */
import { apiVersionOf, isConfigMap, isSecret, kindOf } from "./kinds.ts";
import { at, isFields, type Fields, type Value } from "./values.ts";

/** Paths of field names; `*` is every element of a list. */
type Paths = readonly string[];

const under = (prefix: string, names: string): Paths => names.split(" ").map((name) => `${prefix}.${name}`);

const pod: Paths = [
  ...under(
    "spec",
    "affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases hostIPC hostNetwork " +
      "hostPID hostname imagePullSecrets nodeName nodeSelector overhead preemptionPolicy priority priorityClassName " +
      "readinessGates restartPolicy runtimeClassName schedulerName securityContext serviceAccount serviceAccountName " +
      "shareProcessNamespace subdomain terminationGracePeriodSeconds volumes",
  ),
  ...["spec.containers.*", "spec.initContainers.*"].flatMap((prefix) =>
    under(
      prefix,
      "args command env image imagePullPolicy lifecycle livenessProbe ports readinessProbe resources securityContext " +
        "stdin stdinOnce terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts workingDir",
    ),
  ),
];

const persistentVolume = under(
  "spec",
  "awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker gcePersistentDisk glusterfs " +
    "hostPath iscsi local nfs photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume",
);
const statefulSet = under("spec", "podManagementPolicy revisionHistoryLimit selector serviceName volumeClaimTemplates");
const job = under("spec", "completions parallelism selector template");

const byKind: ReadonlyMap<string, Paths> = new Map<string, Paths>([
  ["apps/v1beta1/StatefulSet", statefulSet],
  ["apps/v1beta2/StatefulSet", statefulSet],
  ["apps/v1/StatefulSet", statefulSet],
  ["apps/v1beta2/Deployment", ["spec.selector"]],
  ["apps/v1/Deployment", ["spec.selector"]],
  ["apps/v1beta2/DaemonSet", ["spec.selector"]],
  ["apps/v1/DaemonSet", ["spec.selector"]],
  ["batch/v1beta1/Job", job],
  ["batch/v1/Job", job],
  ["batch/v2alpha1/Job", job],
  ["policy/v1beta1/PodDisruptionBudget", ["spec"]],
  ["rbac.authorization.k8s.io/v1alpha1/ClusterRoleBinding", ["roleRef"]],
  ["rbac.authorization.k8s.io/v1alpha1/RoleBinding", ["roleRef"]],
  ["rbac.authorization.k8s.io/v1beta1/ClusterRoleBinding", ["roleRef"]],
  ["rbac.authorization.k8s.io/v1beta1/RoleBinding", ["roleRef"]],
  ["rbac.authorization.k8s.io/v1/ClusterRoleBinding", ["roleRef"]],
  ["rbac.authorization.k8s.io/v1/RoleBinding", ["roleRef"]],
  ["storage.k8s.io/v1/StorageClass", ["parameters", "provisioner"]],
  ["v1/PersistentVolume", persistentVolume],
  ["v1/PersistentVolumeClaim", under("spec", "accessModes selector storageClassName volumeName")],
  ["v1/Pod", pod],
  ["v1/ResourceQuota", ["spec.scopes"]],
  ["v1/Secret", ["type"]],
  ["v1/Service", ["spec.clusterIP"]],
]);

/** Another name or namespace is another object. */
export const identity: Paths = ["metadata.name", "metadata.namespace"];

export interface Mutability {
  readonly enableSecretMutable: boolean;
  readonly enableConfigMapMutable: boolean;
}

/** The paths whose change replaces this object. */
export function replacingPaths(object: Fields, { enableSecretMutable, enableConfigMapMutable }: Mutability): Paths {
  const immutable = at(object, "immutable") === true;
  if (isSecret(object) && (!enableSecretMutable || immutable)) return [...identity, "type", "stringData", "data"];
  if (isConfigMap(object) && (!enableConfigMapMutable || immutable)) return [...identity, "binaryData", "data"];
  const gvk = kindOf(object);
  return [...identity, ...(byKind.get(`${apiVersionOf(gvk)}/${gvk.kind}`) ?? [])];
}

function reaches(value: Value | undefined, path: readonly string[]): boolean {
  const [name, ...rest] = path;
  if (name === undefined) return value !== undefined;
  if (name === "*") return Array.isArray(value) && value.some((item) => reaches(item, rest));
  return isFields(value) && name in value && reaches(value[name] ?? null, rest);
}

/** Whether a change (the changed value, at its place in an otherwise empty object) touches one of the paths. */
export const touches = (change: Value, paths: Paths): boolean => paths.some((path) => reaches(change, path.split(".")));
