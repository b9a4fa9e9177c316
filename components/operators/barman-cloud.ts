import type { NodePool, OperatorsSettings } from "../../settings.ts";
import { barmanCloud } from "./endpoints.ts";
import type { ManifestObject } from "./manifest.ts";
import { deployment, labeled } from "./transform.ts";

export interface BarmanCloudArgs {
  readonly manifest: readonly ManifestObject[];
  readonly settings: OperatorsSettings["barmanCloud"];
  readonly image: string;
  readonly sidecarImage: string;
  readonly pool: NodePool;
  /** SHA-256 of the certificates if they come from files: a change restarts the plugin, which reads them at its start. */
  readonly certificates?: string;
}

const grpc = { tcpSocket: { port: barmanCloud.ports.grpc } };

/**
 * The objects of the Barman Cloud plugin. There is one pod: only the leader serves, so that others would never be ready.
 * The manifest's Secret only names the sidecar's image, which is a plain variable here. Its certificates are
 * cert-manager's unless they come from files.
 */
export function barmanCloudObjects(args: BarmanCloudArgs): readonly ManifestObject[] {
  const { manifest, settings, certificates } = args;
  return manifest
    .filter(({ apiVersion, kind }) => !(kind === "Namespace" || (apiVersion === "v1" && kind === "Secret")))
    .filter(({ apiVersion }) => certificates === undefined || !apiVersion.startsWith("cert-manager.io/"))
    .map((object) =>
      object.kind === "Deployment"
        ? deployment(object, {
            image: args.image,
            replicas: 1,
            resources: settings.resources,
            pool: args.pool,
            env: { SIDECAR_IMAGE: args.sidecarImage },
            container: {
              // The next pod serves when the last one's lease has ended, after 15 seconds.
              startupProbe: { ...grpc, periodSeconds: 2, failureThreshold: 60 },
              readinessProbe: { ...grpc, periodSeconds: 10 },
              livenessProbe: { httpGet: { path: "/healthz", port: 8081 }, periodSeconds: 10 },
            },
            scratch: "64Mi",
            ...(certificates !== undefined && { annotations: { "checksum/certificates": certificates } }),
          })
        : object,
    )
    .map(labeled);
}
