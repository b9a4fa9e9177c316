import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { commonLabels } from "./names.ts";
import type { Endpoint } from "./network/endpoint.ts";

export interface ServiceArgs<Pods extends Endpoint> {
  /** The pods behind the Service. */
  readonly endpoint: Pods;
  /** Ports of the Service by name of the pod's port. @default the pod's ports */
  readonly ports?: Readonly<Partial<Record<keyof Pods["ports"], number>>>;
  /** No cluster IP: each pod gets its own DNS name, ready or not. @default false */
  readonly headless?: boolean;
  /** Also leads to pods that are not ready. @default false, or true if headless */
  readonly publishNotReady?: boolean;
}

/** A Service for the pods of an endpoint. */
export function service<Pods extends Endpoint>(
  name: string,
  args: ServiceArgs<Pods>,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Service {
  const { endpoint, headless, publishNotReady = headless } = args;
  const ports = (args.ports ?? endpoint.ports) as Readonly<Record<string, number>>;
  return new k8s.core.v1.Service(
    name,
    {
      metadata: {
        name,
        namespace: endpoint.namespace,
        labels: { ...commonLabels, ...endpoint.pods },
        // Pulumi would wait ten seconds for further endpoints. Waiting for the pods themselves is enough.
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: {
        ...(headless ? { clusterIP: "None" } : { type: "ClusterIP" }),
        ...(publishNotReady && { publishNotReadyAddresses: true }),
        selector: endpoint.pods,
        ports: Object.entries(ports).map(([target, port]) => ({
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
