import type { Settings } from "../../settings.ts";

type Choice = Pick<Settings, "operators"> & { readonly postgresql: Pick<Settings["postgresql"], "implementation"> };

/** Whether this program installs operators: a store uses one, and nobody else has installed it. */
export const installsOperators = ({ operators, postgresql }: Choice): boolean =>
  postgresql.implementation === "cloudnative-pg" && operators.cloudNativePg.mode === "install";

type KafkaChoice = Pick<Settings, "operators"> & { readonly kafka: Pick<Settings["kafka"], "implementation"> };

/** Whether this program installs Strimzi's operator. */
export const installsStrimzi = ({ operators, kafka }: KafkaChoice): boolean =>
  kafka.implementation === "strimzi" && operators.strimzi.mode === "install";
