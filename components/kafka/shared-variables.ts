import type { Credential } from "../contract/credential.ts";
import type { KafkaStore, SharedVariables } from "../contract/stores.ts";

/** Environment variables of the backend services, whoever runs Kafka. */
export const sharedVariables = (
  { bootstrapServers }: Pick<KafkaStore, "bootstrapServers">,
  mechanism: string,
  { username, password }: Credential,
): SharedVariables => ({
  plain: {
    APP_ENV_KAFKA_BROKERS: bootstrapServers,
    APP_ENV_KAFKA_SASL_ENABLE: "true",
    APP_ENV_KAFKA_SASL_MECHANISM: mechanism,
    APP_ENV_KAFKA_SASL_USERNAME: username,
  },
  secret: { APP_ENV_KAFKA_SASL_PASSWORD: password },
});
