import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { commonLabels } from "./names.ts";
import type { Endpoint } from "./network/endpoint.ts";

export interface ServiceArgs {
  /** The pods behind the Service. */
  readonly endpoint: Endpoint;
  /** The port clients use. Targets are found by the name of the pod's port. */
  readonly port: number;
  /** Give pods names of their own in DNS instead of one address in front of them, ready or not. */
  readonly headless?: boolean;
}

/** A Service before the one port of an endpoint. */
export function service(name: string, args: ServiceArgs, opts: pulumi.CustomResourceOptions): k8s.core.v1.Service {
  const { endpoint, port, headless } = args;
  return new k8s.core.v1.Service(
    name,
    {
      metadata: { name, namespace: endpoint.namespace, labels: { ...commonLabels, ...endpoint.pods } },
      spec: {
        ...(headless ? { clusterIP: "None", publishNotReadyAddresses: true } : { type: "ClusterIP" }),
        selector: endpoint.pods,
        ports: Object.keys(endpoint.ports).map((target) => ({
          name: target,
          port,
          targetPort: target,
          protocol: "TCP",
        })),
      },
    },
    opts,
  );
}
