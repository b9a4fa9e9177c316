import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { commonLabels } from "../names.ts";
import type { Namespace } from "../names.ts";
import type { Flow } from "./endpoint.ts";
import { podMakers } from "./pod-makers.ts";
import { basePolicies, policiesFor } from "./policies.ts";

export interface NetworkArgs {
  /** The namespaces of this program. */
  readonly namespaces: readonly Namespace[];
  /** All allowed connections. Everything else is denied. */
  readonly flows: readonly Flow[];
}

/** Default-deny network policies in our namespaces, and the policies for the allowed flows. */
export class Network extends pulumi.ComponentResource {
  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:Network", name, {}, opts);
    for (const policy of [...basePolicies(args.namespaces), ...policiesFor(args.flows)]) {
      new k8s.networking.v1.NetworkPolicy(
        `${policy.namespace}-${policy.name}`,
        { metadata: { name: policy.name, namespace: policy.namespace, labels: commonLabels }, spec: policy.spec },
        { parent: this },
      );
    }
    this.registerOutputs();
  }
}

/** Makes workloads depend on the network policies: no pod starts before them. */
export const podsDependOnNetwork =
  (network: Network): pulumi.ResourceTransformation =>
  ({ type, props, opts }) =>
    podMakers.has(type) ? { props, opts: pulumi.mergeOptions(opts, { dependsOn: [network] }) } : undefined;
