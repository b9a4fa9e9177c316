import unit from "./jest.config.mjs";

/** Tests against the cluster of KUBECONFIG, which create and delete namespaces named psa-* and netpol-*. */
export default { ...unit, testMatch: ["<rootDir>/tests/e2e/*.test.ts"], testTimeout: 600_000 };
