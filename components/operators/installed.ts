import { backupStore } from "../../settings/object-store.ts";
import type { Settings } from "../../settings.ts";

/** Settings that decide which operators there are. */
export interface OperatorChoice extends Pick<Settings, "operators"> {
  readonly postgresql: Pick<Settings["postgresql"], "implementation">;
}

/** Whether a store uses CloudNativePG. */
export const usesCloudNativePg = ({ postgresql }: Pick<OperatorChoice, "postgresql">): boolean =>
  postgresql.implementation === "cloudnative-pg";

/** Whether a store uses the Barman Cloud plugin: it has an object store to archive to. */
export const usesBarmanCloud = (settings: Pick<Settings, "objectStore" | "postgresql">): boolean =>
  backupStore(settings) !== undefined;

/** Whether this program installs operators: a store uses one, and nobody else has installed it. */
export const installsOperators = (settings: OperatorChoice): boolean =>
  usesCloudNativePg(settings) && settings.operators.cloudNativePg.mode === "install";

type StrimziChoice = Pick<Settings, "operators"> & { readonly kafka: Pick<Settings["kafka"], "implementation"> };

/** Whether a store uses Strimzi. */
export const usesStrimzi = ({ kafka }: Pick<StrimziChoice, "kafka">): boolean => kafka.implementation === "strimzi";

/** Whether this program installs Strimzi's operator. */
export const installsStrimzi = (settings: StrimziChoice): boolean =>
  usesStrimzi(settings) && settings.operators.strimzi.mode === "install";
