import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { generatedPassword } from "./generated-password.ts";
import { commonLabels } from "./names.ts";
import type { Namespace } from "./names.ts";

export interface RoleSecretArgs {
  readonly namespace: Namespace;
  readonly role: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** A changed number generates a new password. */
  readonly passwordVersion: number;
}

/** The generated password of a database role, and its Secret for clients (keys named as in CloudNativePG). */
export class RoleSecret extends pulumi.ComponentResource {
  readonly role: string;
  readonly secretName: string;
  readonly password: pulumi.Output<string>;
  /** libpq connection string; a Pulumi secret. */
  readonly uri: pulumi.Output<string>;
  /** SHA-256 of the password, see {@link generatedPassword}. */
  readonly checksum: pulumi.Output<string>;

  constructor(name: string, args: RoleSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bana:data:RoleSecret", name, {}, opts);
    const { role, host, port, database, namespace } = args;
    const generated = generatedPassword(name, args.passwordVersion, { parent: this });
    this.role = role;
    this.secretName = name;
    this.password = generated.value;
    this.checksum = generated.checksum;
    this.uri = pulumi.interpolate`postgresql://${role}:${this.password}@${host}:${port}/${database}`;
    new k8s.core.v1.Secret(
      name,
      {
        metadata: { name, namespace, labels: commonLabels },
        type: "Opaque",
        stringData: {
          username: role,
          password: this.password,
          host,
          port: String(port),
          dbname: database,
          uri: this.uri,
          "jdbc-uri": pulumi.interpolate`jdbc:postgresql://${host}:${port}/${database}?user=${role}&password=${this.password}`,
          pgpass: pulumi.interpolate`${host}:${port}:${database}:${role}:${this.password}\n`,
        },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
