/** End-to-end tests of the production layer: like jest.e2e.config.mjs, on a cluster of its own. */
import endToEnd from "./jest.e2e.config.mjs";

/** @type {import("jest").Config} */
export default {
  ...endToEnd,
  testMatch: ["<rootDir>/tests/e2e/production/*.test.ts"],
  testSequencer: "<rootDir>/tests/e2e/production/sequencer.mjs",
};
