import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { commonLabels, namespaces } from "./names.ts";
import type { Namespace } from "./names.ts";

/** Pinned, so that an upgrade of the cluster does not tighten the rules unseen. */
const podSecurityVersion = "v1.34";

const podSecurityLabels = Object.fromEntries(
  ["enforce", "audit", "warn"].flatMap((mode) => [
    [`pod-security.kubernetes.io/${mode}`, "restricted"],
    [`pod-security.kubernetes.io/${mode}-version`, podSecurityVersion],
  ]),
);

export interface NamespacesArgs {
  /** Refuse to delete them: all that lives in a namespace goes with it. */
  readonly protect: boolean;
}

/** The six namespaces, labelled for restricted Pod Security. */
export class Namespaces extends pulumi.ComponentResource {
  readonly byName: ReadonlyMap<Namespace, k8s.core.v1.Namespace>;

  constructor(name: string, args: NamespacesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:Namespaces", name, {}, opts);
    const made = (namespace: Namespace) =>
      new k8s.core.v1.Namespace(
        namespace,
        { metadata: { name: namespace, labels: { ...commonLabels, ...podSecurityLabels } } },
        { parent: this, protect: args.protect },
      );
    this.byName = new Map(namespaces.map((namespace) => [namespace, made(namespace)]));
    this.registerOutputs();
  }
}

/** Every object waits for its own namespace, and for no other. */
export const inside =
  ({ byName }: Namespaces): pulumi.ResourceTransformation =>
  ({ props, opts }) => {
    const { metadata } = props as { metadata?: { namespace?: Namespace } };
    const namespace = metadata?.namespace && byName.get(metadata.namespace);
    return namespace && { props, opts: pulumi.mergeOptions(opts, { dependsOn: [namespace] }) };
  };
