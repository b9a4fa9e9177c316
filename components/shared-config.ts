import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { commonLabels } from "./names.ts";

/** What backend services have to know of a store, as environment variables. */
export interface SharedVariables {
  readonly plain: Readonly<Record<string, string>>;
  /** Those that must not be read by everybody. */
  readonly secret: Readonly<Record<string, pulumi.Input<string>>>;
}

/** How the backend services reach the data layer: ConfigMap `shared-config` and Secret `nx-shared-secret` in `nx-backend`. */
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
