/** @type {import("jest").Config} */
export default {
  testEnvironment: "node",
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
    ],
  },
  testMatch: ["<rootDir>/tests/*.test.ts"],
  globalSetup: "<rootDir>/tests/build.mjs",
  // Some tests compute for a minute on a quiet machine, and `npm test` gives them what others leave of a busy one.
  testTimeout: 600_000,
  modulePathIgnorePatterns: ["<rootDir>/bin/"],
  // They mostly compute: by default jest would leave a core idle.
  maxWorkers: "100%",
};
