import type { Settings } from "../../settings.ts";
import { operatorsNamespace, strimziNamespace } from "../names.ts";
import type { Endpoint, ForeignPods } from "../network/endpoint.ts";

/** CloudNativePG's operator, with the label of its manifest and of its Helm chart. */
export const cloudNativePg = {
  namespace: operatorsNamespace,
  pods: { "app.kubernetes.io/name": "cloudnative-pg" },
  ports: { webhook: 9443 },
} as const satisfies Endpoint;

/** The Barman Cloud plugin, with the label of its manifest. */
export const barmanCloud = {
  namespace: operatorsNamespace,
  pods: { app: "barman-cloud" },
  ports: { grpc: 9090 },
} as const satisfies Endpoint;

/** CloudNativePG's operator as a client: of ours, or in the namespace of somebody else. */
export const operatorOf = ({ operators }: Pick<Settings, "operators">): Endpoint | ForeignPods =>
  operators.cloudNativePg.mode === "install"
    ? cloudNativePg
    : {
        foreignNamespace: operators.cloudNativePg.namespace,
        pods: cloudNativePg.pods,
        ports: cloudNativePg.ports,
      };

/** Strimzi's operator, with the label of its manifest and of its Helm chart. */
export const strimzi = {
  namespace: strimziNamespace,
  pods: { "strimzi.io/kind": "cluster-operator" },
  ports: {},
} as const satisfies Endpoint;

/** Strimzi's operator as a client: of ours, or in the namespace of somebody else. */
export const strimziOperatorOf = ({ operators }: Pick<Settings, "operators">): Endpoint | ForeignPods =>
  operators.strimzi.mode === "install"
    ? strimzi
    : { foreignNamespace: operators.strimzi.namespace, pods: strimzi.pods, ports: strimzi.ports };
