import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { NodePool, OperatorsSettings } from "../../settings.ts";
import { commonLabels, operatorsNamespace } from "../names.ts";
import { barmanCloudObjects } from "./barman-cloud.ts";
import { readCertificates } from "./certificates.ts";
import type { Certificates, KeyPair } from "./certificates.ts";
import { cloudNativePgObjects } from "./cloudnative-pg.ts";
import type { ManifestObject, Manifests } from "./manifest.ts";
import { refuseRemoval } from "./removal.ts";
import { strimziObjects } from "./strimzi.ts";
import { untilWebhooksAnswer } from "./webhook.ts";

export interface OperatorsArgs {
  /** The manifests of the operators to install; undefined if there are none. */
  readonly manifests: Manifests | undefined;
  readonly settings: OperatorsSettings;
  readonly images: {
    readonly cloudNativePg: string;
    readonly barmanCloud: string;
    readonly barmanCloudSidecar: string;
  };
  /** The reference of an image of a manifest in the registry or mirror. */
  readonly imageFrom: (reference: string) => string;
  readonly pool: NodePool;
  /** Refuse to delete the CRDs: deleting one deletes all its objects. */
  readonly protect: boolean;
  /** Context of the kubeconfig. */
  readonly context: pulumi.Input<string>;
}

/** An object of a manifest. The kinds' own classes would differ only in their types. */
class OperatorObject extends pulumi.CustomResource {
  constructor(name: string, object: ManifestObject, opts: pulumi.CustomResourceOptions) {
    const group = object.apiVersion.includes("/") ? object.apiVersion : `core/${object.apiVersion}`;
    super(`kubernetes:${group}:${object.kind}`, name, { ...object }, opts);
  }
}

/** The operators that run stores, installed from their release manifests. */
export class Operators extends pulumi.ComponentResource {
  /**
   * What objects of the operators' kinds must depend on: when these exist, CRDs, operators and webhooks work.
   * `cloudNativePg` includes the Barman Cloud plugin.
   */
  readonly ready: Readonly<Record<"cloudNativePg" | "strimzi", readonly pulumi.Resource[]>>;

  constructor(name: string, args: OperatorsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:Operators", name, {}, opts);
    const { manifests, settings, images, pool, protect } = args;
    // Also without operators: the update that removes them runs it.
    const refusal = refuseRemoval(args.context);
    if (manifests === undefined) {
      this.ready = { cloudNativePg: [], strimzi: [] };
      this.registerOutputs();
      return;
    }
    const install = (
      objects: readonly ManifestObject[],
      dependsOn: readonly pulumi.Resource[],
      afterwards: readonly pulumi.ResourceHook[],
    ) => {
      const create = (object: ManifestObject, options: pulumi.CustomResourceOptions) =>
        new OperatorObject(object.metadata.name, object, { ...options, parent: this });
      const isOperator = ({ kind }: ManifestObject) => kind === "Deployment";
      const others = objects
        .filter((object) => !isOperator(object))
        .map((object) =>
          object.kind === "CustomResourceDefinition"
            ? create(object, { protect, hooks: { beforeDelete: [refusal] } })
            : create(object, {}),
        );
      return objects.filter(isOperator).map((object) =>
        create(object, {
          dependsOn: [...others, ...dependsOn],
          hooks: { beforeDelete: [refusal], afterCreate: [...afterwards], afterUpdate: [...afterwards] },
        }),
      );
    };
    const operator = manifests.cloudNativePg
      ? install(
          cloudNativePgObjects({
            manifest: manifests.cloudNativePg,
            settings: settings.cloudNativePg,
            image: images.cloudNativePg,
            pool,
          }),
          [],
          [untilWebhooksAnswer(args.context)],
        )
      : [];
    const certificates =
      manifests.barmanCloud === undefined || settings.barmanCloud.certificates === "cert-manager"
        ? undefined
        : readCertificates(settings.barmanCloud.certificates);
    const plugin = manifests.barmanCloud
      ? install(
          barmanCloudObjects({
            manifest: manifests.barmanCloud,
            settings: settings.barmanCloud,
            image: images.barmanCloud,
            sidecarImage: images.barmanCloudSidecar,
            pool,
            ...(certificates && { certificates: certificates.checksum }),
          }),
          // It watches CloudNativePG's kinds.
          [...operator, ...(certificates ? this.certificateSecrets(certificates) : [])],
          [],
        )
      : [];
    const strimzi = manifests.strimzi
      ? install(
          strimziObjects({ manifest: manifests.strimzi, settings: settings.strimzi, image: args.imageFrom, pool }),
          [],
          [],
        )
      : [];
    this.ready = { cloudNativePg: [...operator, ...plugin], strimzi };
    this.registerOutputs();
  }

  /** The Secrets that the plugin's Deployment mounts, and that its Service names for the operator. */
  private certificateSecrets({ server, client }: Certificates): readonly pulumi.Resource[] {
    const secret = (name: string, { certificate, key }: KeyPair) =>
      new k8s.core.v1.Secret(
        name,
        {
          metadata: { name, namespace: operatorsNamespace, labels: commonLabels },
          type: "kubernetes.io/tls",
          stringData: { "tls.crt": certificate, "tls.key": pulumi.secret(key) },
        },
        { parent: this },
      );
    return [secret("barman-cloud-server-tls", server), secret("barman-cloud-client-tls", client)];
  }
}

/** Types of each operator's objects. */
const typesOf = {
  cloudNativePg: /^kubernetes:(postgresql|barmancloud)\.cnpg\.io\//,
  strimzi: /^kubernetes:kafka\.strimzi\.io\//,
} as const;

/** Makes objects of an operator's kinds depend on the operator: they exist only while it runs. */
export const dependOnOperators =
  ({ ready }: Operators): pulumi.ResourceTransformation =>
  ({ type, props, opts }) => {
    const dependsOn = (["cloudNativePg", "strimzi"] as const)
      .filter((operator) => typesOf[operator].test(type))
      .flatMap((operator) => ready[operator]);
    return dependsOn.length > 0 ? { props, opts: pulumi.mergeOptions(opts, { dependsOn }) } : undefined;
  };
