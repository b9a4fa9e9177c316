import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { commonLabels } from "../names.ts";
import type { Flow } from "./endpoint.ts";
import { podMakers } from "./pod-makers.ts";
import { basePolicies, policiesFor } from "./policies.ts";

export interface NetworkArgs {
  /** All connections that are allowed; every other one is closed. */
  readonly flows: readonly Flow[];
}

/** Default-deny networking in all namespaces, and what is allowed through it. */
export class Network extends pulumi.ComponentResource {
  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:Network", name, {}, opts);
    for (const policy of [...basePolicies(), ...policiesFor(args.flows)]) {
      new k8s.networking.v1.NetworkPolicy(
        `${policy.namespace}-${policy.name}`,
        { metadata: { name: policy.name, namespace: policy.namespace, labels: commonLabels }, spec: policy.spec },
        { parent: this },
      );
    }
    this.registerOutputs();
  }
}

/** No pod runs before the network is closed. */
export const podsBehind =
  (network: Network): pulumi.ResourceTransformation =>
  ({ type, props, opts }) =>
    podMakers.has(type) ? { props, opts: pulumi.mergeOptions(opts, { dependsOn: [network] }) } : undefined;
