import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { commonLabels } from "./names.ts";

/** Environment variables with which the backend services connect to a store. */
export interface SharedVariables {
  readonly plain: Readonly<Record<string, string>>;
  /** Variables to keep in the Secret. */
  readonly secret: Readonly<Record<string, pulumi.Input<string>>>;
}

/** Connection variables of the backend services: `shared-config` and `nx-shared-secret` in `nx-backend`. */
export class SharedConfig extends pulumi.ComponentResource {
  constructor(name: string, stores: readonly SharedVariables[], opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:SharedConfig", name, {}, opts);
    const metadata = { namespace: "nx-backend", labels: commonLabels };
    new k8s.core.v1.ConfigMap(
      "shared-config",
      { metadata: { ...metadata, name: "shared-config" }, data: merged(stores.map(({ plain }) => plain)) },
      { parent: this },
    );
    new k8s.core.v1.Secret(
      "nx-shared-secret",
      {
        metadata: { ...metadata, name: "nx-shared-secret" },
        type: "Opaque",
        stringData: merged(stores.map(({ secret }) => secret)),
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}

function merged<T>(parts: readonly Readonly<Record<string, T>>[]): Record<string, T> {
  return Object.fromEntries(parts.flatMap((part) => Object.entries(part)));
}
