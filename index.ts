/** Pulumi's entry point: the exports are the stack's outputs, described in program.ts. */
import { program } from "./program.ts";

export const {
  stores,
  postgresqlHost,
  postgresqlPort,
  postgresqlReplicaHost,
  postgresqlAppSecret,
  postgresqlSuperuserSecret,
  postgresqlUri,
  postgresqlSuperuserUri,
  kafkaBrokers,
  kafkaUserSecret,
  redisNodes,
  redisSecret,
  typesenseHost,
  typesensePort,
  typesenseSecret,
  debeziumUrl,
} = await program();
