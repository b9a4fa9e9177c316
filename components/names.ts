/** BANA's namespaces, all with restricted Pod Security and default-deny network policies. */
export const namespaces = ["nx-backend", "nx-app", "nx-persistent", "nx-broker", "nx-search", "nx-internal"] as const;

/** Namespace of the operators that this program installs; restricted and default-deny like the others. */
export const operatorsNamespace = "cnpg-system" as const;

/** Namespace of Strimzi's operator, if this program installs it. */
export const strimziNamespace = "strimzi" as const;

export type Namespace = (typeof namespaces)[number] | typeof operatorsNamespace | typeof strimziNamespace;

/** Labels of every object of the data layer. */
export const commonLabels = {
  "app.kubernetes.io/part-of": "bana-data-layer",
  "app.kubernetes.io/managed-by": "pulumi",
};

/** Whether labels are those of an object of the data layer. */
export const isOfDataLayer = (labels: Readonly<Record<string, string>> = {}): boolean =>
  Object.entries(commonLabels).every(([key, value]) => labels[key] === value);

/** The DNS name of a Service, valid in every namespace. */
export const serviceHost = (service: string, namespace: Namespace) => `${service}.${namespace}.svc.cluster.local`;
