/** The namespaces of BANA, all held to restricted Pod Security and default-deny networking. */
export const namespaces = ["nx-backend", "nx-app", "nx-persistent", "nx-broker", "nx-search", "nx-internal"] as const;

export type Namespace = (typeof namespaces)[number];

/** Labels of everything the data layer creates. */
export const commonLabels = {
  "app.kubernetes.io/part-of": "bana-data-layer",
  "app.kubernetes.io/managed-by": "pulumi",
};

/** The name under which a Service is reached from every namespace. */
export const serviceHost = (service: string, namespace: Namespace) => `${service}.${namespace}.svc.cluster.local`;
