/** End-to-end tests: started by `npm test`, which gives them a cluster. One file after the other, on one shared stack. */
/** @type {import("jest").Config} */
export default {
  testEnvironment: "node",
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
    ],
  },
  testMatch: ["<rootDir>/tests/e2e/*.test.ts"],
  testSequencer: "<rootDir>/tests/e2e/sequencer.mjs",
  reporters: ["<rootDir>/tests/e2e/reporter.mjs"],
  modulePathIgnorePatterns: ["<rootDir>/.state/"],
  maxWorkers: 1,
  testTimeout: 600_000,
  // A test that ran into its time may have left a command running.
  forceExit: true,
};
