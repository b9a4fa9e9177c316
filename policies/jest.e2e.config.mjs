import unit from "./jest.config.mjs";

/** Tests against the cluster of KUBECONFIG, which create and delete namespaces named psa-*, netpol-* and policies-*. */
export default {
  ...unit,
  testMatch: ["<rootDir>/tests/e2e/*.test.ts"],
  testTimeout: 600_000,
  // They mostly wait for the cluster.
  maxWorkers: 2,
};
