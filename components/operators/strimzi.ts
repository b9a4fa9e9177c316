import type { NodePool, OperatorsSettings } from "../../settings.ts";
import { strimziNamespace } from "../names.ts";
import type { ManifestObject } from "./manifest.ts";
import { deployment, disruptionBudget, labeled } from "./transform.ts";

export interface StrimziArgs {
  readonly manifest: readonly ManifestObject[];
  readonly settings: OperatorsSettings["strimzi"];
  /** The reference of an image of the manifest in the registry or mirror. */
  readonly image: (reference: string) => string;
  readonly pool: NodePool;
}

/** Namespace of Kafka, the only one with objects for the operator. */
const watched = "nx-broker";

/** The operator's rights on objects of its own; all its other RoleBindings are for what it watches. */
const ownRole = "strimzi-cluster-operator-leader-election";

/** Variables of the operator. The first is in the manifest. */
const environment = {
  STRIMZI_NAMESPACE: watched,
  STRIMZI_POD_SECURITY_PROVIDER_CLASS: "restricted",
  // The flows of this program are all connections. The operator's policies would open 9092 to everybody.
  STRIMZI_NETWORK_POLICY_GENERATION: "false",
};

interface Binding {
  readonly subjects: readonly { readonly kind: string }[];
}

/** A RoleBinding or ClusterRoleBinding for the operator's account, where it is. */
function bound(object: ManifestObject): ManifestObject {
  const { subjects } = object as unknown as Binding;
  return {
    ...object,
    subjects: subjects.map((subject) =>
      subject.kind === "ServiceAccount" ? { ...subject, namespace: strimziNamespace } : subject,
    ),
  };
}

function placed(object: ManifestObject): ManifestObject {
  const inNamespace = (namespace: string) => ({ ...object, metadata: { ...object.metadata, namespace } });
  switch (object.kind) {
    case "CustomResourceDefinition":
    case "ClusterRole":
      return object;
    case "ClusterRoleBinding":
      return bound(object);
    case "RoleBinding":
      return bound(inNamespace(object.metadata.name === ownRole ? strimziNamespace : watched));
    default:
      return inNamespace(strimziNamespace);
  }
}

interface DeploymentSpec {
  readonly template: {
    readonly spec: {
      readonly containers: readonly {
        readonly image: string;
        readonly env: readonly { readonly name: string }[];
      }[];
    };
  };
}

/** The Deployment with all variables of `environment`, so that their values can be set. */
function withVariables(object: ManifestObject): ManifestObject {
  const spec = object["spec"] as DeploymentSpec;
  const containers = spec.template.spec.containers.map((container) => {
    const missing = Object.keys(environment).filter((name) => !container.env.some((known) => known.name === name));
    return { ...container, env: [...container.env, ...missing.map((name) => ({ name, value: "" }))] };
  });
  return { ...object, spec: { ...spec, template: { ...spec.template, spec: { ...spec.template.spec, containers } } } };
}

const imageIn = (object: ManifestObject): string =>
  (object["spec"] as DeploymentSpec).template.spec.containers[0]?.image ?? "";

/** The objects of Strimzi's operator in a namespace of its own, with rights in that of Kafka. */
export function strimziObjects({ manifest, settings, image, pool }: StrimziArgs): readonly ManifestObject[] {
  const objects = manifest.filter(({ kind }) => kind !== "Namespace").map(placed);
  const operator = objects.find(({ kind }) => kind === "Deployment");
  return [
    ...objects.map((object) =>
      object === operator
        ? deployment(withVariables(object), {
            image: image(imageIn(object)),
            replicas: settings.replicas,
            resources: settings.resources,
            pool,
            env: environment,
            scratch: "16Mi",
          })
        : object,
    ),
    ...(operator && settings.replicas > 1 ? [disruptionBudget(operator)] : []),
  ].map(labeled);
}
