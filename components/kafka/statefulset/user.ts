import type * as pulumi from "@pulumi/pulumi";
import { CredentialSecret } from "../../credential-secret.ts";
import type { CredentialSecretArgs } from "../../credential-secret.ts";
import { loginModule, mechanism, userSecret } from "./pods.ts";

export type KafkaUserArgs = Omit<CredentialSecretArgs, "keys">;

/** A user's generated password, and its Secret for clients (keys named as in Strimzi and Kafka's client options). */
export class KafkaUser extends CredentialSecret {
  constructor(args: KafkaUserArgs & { readonly bootstrapServers: string }, opts?: pulumi.ComponentResourceOptions) {
    const { bootstrapServers, ...user } = args;
    const keys = (password: pulumi.Output<string>) => ({
      "bootstrap.servers": bootstrapServers,
      "security.protocol": "SASL_PLAINTEXT",
      "sasl.mechanism": mechanism,
      "sasl.jaas.config": password.apply((text) => loginModule(user.username, text)),
    });
    super("bana:data:KafkaUser", userSecret(user.username), { ...user, keys }, opts);
  }
}
