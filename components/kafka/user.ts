import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { generatedPassword } from "../generated-password.ts";
import { commonLabels } from "../names.ts";
import type { Namespace } from "../names.ts";
import { loginModule, mechanism, userSecret } from "./pods.ts";

export interface KafkaUserArgs {
  readonly username: string;
  /** Namespace of the user's clients, and so of its Secret. */
  readonly namespace: Namespace;
  /** A changed number generates a new password. */
  readonly passwordVersion: number;
}

/** A user's generated password, and its Secret for clients (keys named as in Strimzi and Kafka's client options). */
export class KafkaUser extends pulumi.ComponentResource {
  readonly username: string;
  readonly namespace: Namespace;
  readonly secretName: string;
  readonly password: pulumi.Output<string>;
  /** SHA-256 of the password, see {@link generatedPassword}. */
  readonly checksum: pulumi.Output<string>;

  constructor(args: KafkaUserArgs & { readonly bootstrapServers: string }, opts?: pulumi.ComponentResourceOptions) {
    const { username, namespace, passwordVersion, bootstrapServers } = args;
    const name = userSecret(username);
    super("bana:data:KafkaUser", name, {}, opts);
    const generated = generatedPassword(name, passwordVersion, { parent: this });
    this.username = username;
    this.namespace = namespace;
    this.secretName = name;
    this.password = generated.value;
    this.checksum = generated.checksum;
    new k8s.core.v1.Secret(
      name,
      {
        metadata: { name, namespace, labels: commonLabels },
        type: "Opaque",
        stringData: {
          username,
          password: this.password,
          "bootstrap.servers": bootstrapServers,
          "security.protocol": "SASL_PLAINTEXT",
          "sasl.mechanism": mechanism,
          "sasl.jaas.config": this.password.apply((password) => loginModule(username, password)),
        },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
