import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../settings.ts";
import { commonLabels, namespaces, operatorsNamespace, strimziNamespace } from "./names.ts";
import type { Namespace } from "./names.ts";
import { installsOperators, installsStrimzi } from "./operators/installed.ts";

/** Pinned: an upgrade of the cluster must not change the rules unnoticed. */
const podSecurityVersion = "v1.34";

const podSecurityLabels = Object.fromEntries(
  ["enforce", "audit", "warn"].flatMap((mode) => [
    [`pod-security.kubernetes.io/${mode}`, "restricted"],
    [`pod-security.kubernetes.io/${mode}-version`, podSecurityVersion],
  ]),
);

/** The namespaces that this program creates: BANA's, and the operators' if it installs them. */
export const namespacesOf = (settings: Settings): readonly Namespace[] => [
  ...namespaces,
  ...(installsOperators(settings) ? [operatorsNamespace] : []),
  ...(installsStrimzi(settings) ? [strimziNamespace] : []),
];

export interface NamespacesArgs {
  readonly names: readonly Namespace[];
  /** Refuse to delete the namespaces: deleting one deletes everything in it. */
  readonly protect: boolean;
}

/** The namespaces of this program, labeled for restricted Pod Security. */
export class Namespaces extends pulumi.ComponentResource {
  readonly byName: ReadonlyMap<Namespace, k8s.core.v1.Namespace>;

  constructor(name: string, args: NamespacesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:Namespaces", name, {}, opts);
    const create = (namespace: Namespace) =>
      new k8s.core.v1.Namespace(
        namespace,
        { metadata: { name: namespace, labels: { ...commonLabels, ...podSecurityLabels } } },
        { parent: this, protect: args.protect },
      );
    this.byName = new Map(args.names.map((namespace) => [namespace, create(namespace)]));
    this.registerOutputs();
  }
}

/** Makes every object depend on its own namespace only. */
export const dependOnNamespace =
  ({ byName }: Namespaces): pulumi.ResourceTransformation =>
  ({ props, opts }) => {
    const { metadata } = props as { metadata?: { namespace?: Namespace } };
    const namespace = metadata?.namespace && byName.get(metadata.namespace);
    return namespace && { props, opts: pulumi.mergeOptions(opts, { dependsOn: [namespace] }) };
  };
