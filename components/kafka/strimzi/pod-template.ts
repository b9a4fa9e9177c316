import type { NodePool } from "../../../settings.ts";

type Labels = Readonly<Record<string, string>>;

/**
 * The security context of every container. A template replaces that of the operator's security provider, so it lists
 * each field, and the pods fit the restricted Pod Security Standard whichever provider the operator uses.
 */
const securityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  runAsNonRoot: true,
  seccompProfile: { type: "RuntimeDefault" },
};

/** A container that may write to its file system. */
export const restrictedContainer = { securityContext };

/** A container that writes to its volumes only. */
export const readOnlyContainer = { securityContext: { ...securityContext, readOnlyRootFilesystem: true } };

const spread = (topologyKey: string, pods: Labels) => ({
  maxSkew: 1,
  topologyKey,
  whenUnsatisfiable: "ScheduleAnyway",
  labelSelector: { matchLabels: pods },
});

/** Strimzi's pod templates have an affinity but no node selector. */
const nodeAffinity = (nodeSelector: NodePool["nodeSelector"]) => {
  const matchExpressions = Object.entries(nodeSelector).map(([key, value]) => ({
    key,
    operator: "In",
    values: [value],
  }));
  if (matchExpressions.length === 0) return {};
  const required = { nodeSelectorTerms: [{ matchExpressions }] };
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } } };
};

/**
 * Where the operator's pods may run: on the pool's nodes. Without a security context: it would replace the operator's,
 * whose group can write to the volumes.
 */
export const podTemplate = ({ nodeSelector, tolerations }: NodePool) => ({
  ...nodeAffinity(nodeSelector),
  ...(tolerations.length > 0 && { tolerations: [...tolerations] }),
  enableServiceLinks: false,
});

/** The same, in different zones and on different nodes if possible: racks alone do not spread pods. */
export const spreadPodTemplate = (pool: NodePool, pods: Labels, rackTopologyKey: string) => ({
  ...podTemplate(pool),
  topologySpreadConstraints: [...new Set([rackTopologyKey, "kubernetes.io/hostname"])].map((key) => spread(key, pods)),
});
