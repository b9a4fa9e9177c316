import { missingArtifacts } from "../../../../local/artifacts/artifacts.ts";

const withoutCache = "/nonexistent";

test("a cluster without operators builds nothing for them", () => {
  const ordinary = [...missingArtifacts(withoutCache).keys()];
  const withOperators = [...missingArtifacts(withoutCache, { operators: true }).keys()];
  expect(withOperators).toEqual(expect.arrayContaining(ordinary));
  expect(withOperators.filter((title) => !ordinary.includes(title)).sort()).toEqual([
    "Build cloudnative-pg",
    "Build image-debian-cnpg-pgbouncer-1.24",
    "Build image-debian-cnpg-postgresql-17",
    "Build image-go-cloudnative-pg-1.30.0",
    "Build image-go-plugin-barman-cloud-0.14.0",
    "Build image-go-versitygw-1.8.0",
    "Build image-pypi-barman-sidecar-0.14.0",
    "Build image-pypi-rclone-1.75.2",
    "Build operator-manifests",
    "Build plugin-barman-cloud",
    "Build versitygw",
  ]);
});
