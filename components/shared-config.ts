import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { commonLabels } from "./names.ts";

export interface SharedConfigArgs {
  /** Environment variables of all backend services. */
  readonly plain: Readonly<Record<string, string>>;
  /** Those that must not be read by everybody. */
  readonly secret: Readonly<Record<string, pulumi.Input<string>>>;
}

/** How the backend services reach the data layer: ConfigMap `shared-config` and Secret `nx-shared-secret` in `nx-backend`. */
export class SharedConfig extends pulumi.ComponentResource {
  constructor(name: string, args: SharedConfigArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:SharedConfig", name, {}, opts);
    const metadata = { namespace: "nx-backend", labels: commonLabels };
    new k8s.core.v1.ConfigMap(
      "shared-config",
      { metadata: { ...metadata, name: "shared-config" }, data: args.plain },
      { parent: this },
    );
    new k8s.core.v1.Secret(
      "nx-shared-secret",
      { metadata: { ...metadata, name: "nx-shared-secret" }, type: "Opaque", stringData: args.secret },
      { parent: this },
    );
    this.registerOutputs();
  }
}
