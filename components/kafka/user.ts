import type * as pulumi from "@pulumi/pulumi";
import { CredentialSecret } from "../credential-secret.ts";
import type { CredentialSecretArgs } from "../credential-secret.ts";

/** SASL mechanism of clients. */
export const mechanism = "SCRAM-SHA-512";

/** Name of a user's Secret. Replaces characters that are invalid in Kubernetes names: stack names may contain them. */
export const userSecret = (username: string): string =>
  `nx-kafka-user-${username.toLowerCase().replace(/[^a-z0-9.-]/g, "-")}`;

/** `sasl.jaas.config` of a Java client. The password needs no quoting: it consists of letters and digits. */
export const loginModule = (username: string, password: string): string =>
  `org.apache.kafka.common.security.scram.ScramLoginModule required username="${username}" password="${password}";`;

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
