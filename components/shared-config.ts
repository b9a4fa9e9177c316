import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { SharedVariables } from "./contract/stores.ts";
import { commonLabels } from "./names.ts";

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

/**
 * The variables of all stores.
 * @throws Error if two stores set the same variable
 */
export function merged<T>(parts: readonly Readonly<Record<string, T>>[]): Record<string, T> {
  const variables = parts.flatMap((part) => Object.entries(part));
  const names = variables.map(([name]) => name);
  const repeated = names.filter((name, index) => names.indexOf(name) !== index);
  if (repeated.length > 0) throw new Error(`two stores set the shared variable ${[...new Set(repeated)].join(", ")}`);
  return Object.fromEntries(variables);
}
