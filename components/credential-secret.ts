import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Credential } from "./contract/credential.ts";
import { generatedPassword } from "./generated-password.ts";
import { commonLabels } from "./names.ts";
import type { Namespace } from "./names.ts";

export interface CredentialSecretArgs {
  readonly username: string;
  /** Namespace of the user's clients, and so of its Secret. */
  readonly namespace: Namespace;
  /** A changed number generates a new password. */
  readonly passwordVersion: number;
  /** Labels of the Secret in addition to the common ones. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Type of the Secret, which cannot be changed. @default Opaque */
  readonly type?: "Opaque" | "kubernetes.io/basic-auth";
  /** Keys of the Secret in addition to `username` and `password`. */
  readonly keys: (password: pulumi.Output<string>) => Readonly<Record<string, pulumi.Input<string>>>;
}

/** A user's generated password, and the Secret of the same name as the component, for clients. */
export abstract class CredentialSecret extends pulumi.ComponentResource implements Credential {
  readonly username: string;
  readonly namespace: Namespace;
  readonly secretName: string;
  readonly password: pulumi.Output<string>;
  readonly checksum: pulumi.Output<string>;

  constructor(type: string, name: string, args: CredentialSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    super(type, name, {}, opts);
    const { username, namespace, passwordVersion, labels, type: secretType = "Opaque", keys } = args;
    const { value: password, checksum } = generatedPassword(name, passwordVersion, { parent: this });
    this.username = username;
    this.namespace = namespace;
    this.secretName = name;
    this.password = password;
    this.checksum = checksum;
    new k8s.core.v1.Secret(
      name,
      {
        metadata: { name, namespace, labels: { ...commonLabels, ...labels } },
        type: secretType,
        stringData: { username, password, ...keys(password) },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
