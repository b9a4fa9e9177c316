import { describe, expect, test } from "@jest/globals";
import type { ExistingObject } from "../../../components/operators/existing-objects.ts";
import { checkRemovals, refusal } from "../../../components/operators/removal.ts";
import type { InstalledOperators } from "../../../components/operators/removal.ts";
import { settingsSchema } from "../../../settings/schema.ts";

/** A cluster in which this program has installed the operators of PostgreSQL. */
const cluster = (...objects: readonly ExistingObject[]): InstalledOperators => ({
  isOurs: (_namespace, deployment) => Promise.resolve(deployment !== "strimzi-cluster-operator"),
  objects: () => Promise.resolve(objects),
});

const database: ExistingObject = {
  group: "postgresql.cnpg.io",
  title: "Cluster nx-persistent/nx-postgresql",
  ours: true,
};
const store: ExistingObject = {
  group: "barmancloud.cnpg.io",
  title: "ObjectStore nx-persistent/nx-postgresql",
  ours: true,
};

const settingsWith = (given: object) =>
  settingsSchema.parse({
    cluster: { context: "any" },
    objectStore: { bucket: "backups", credentials: { secret: "login" } },
    ...given,
  });

const byOthers = settingsWith({
  postgresql: { implementation: "cloudnative-pg" },
  operators: { cloudNativePg: { mode: "existing", namespace: "postgres" }, barmanCloud: { mode: "existing" } },
});
const withoutBackups = settingsWith({
  postgresql: { implementation: "cloudnative-pg", backup: { enabled: false } },
  objectStore: {},
});

describe("an update that removes an operator", () => {
  test("is refused while its objects exist, which the message names", async () => {
    await expect(checkRemovals(cluster(database, store), byOthers)).rejects.toThrow(
      /^cnpg-controller-manager cannot be deleted while these objects exist: Cluster nx-persistent\/nx-postgresql\. .* Nothing was changed\.$/,
    );
  });

  test("may delete its own objects with it, but not those of others", async () => {
    await expect(checkRemovals(cluster(database, store), withoutBackups)).resolves.toBeUndefined();
    const foreign = { ...store, title: "ObjectStore other/store", ours: false };
    await expect(checkRemovals(cluster(database, store, foreign), withoutBackups)).rejects.toThrow(
      /^barman-cloud cannot be deleted while these objects exist: ObjectStore other\/store\./,
    );
  });

  test("is accepted without objects, or if somebody else made the operator", async () => {
    await expect(checkRemovals(cluster(), byOthers)).resolves.toBeUndefined();
    const foreign = { ...cluster(database), isOurs: () => Promise.resolve(false) };
    await expect(checkRemovals(foreign, byOthers)).resolves.toBeUndefined();
  });
});

test("a refused removal names five objects and the number of the others", () => {
  const objects = Array.from({ length: 7 }, (_, index) => ({ title: `Cluster a/${String(index)}` }));
  expect(refusal("cnpg-controller-manager", objects)).toMatch(/Cluster a\/4, 2 more/);
});
