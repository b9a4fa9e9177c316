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
  // Each file starts the pack in a process of its own: on a busy machine that takes more than jest's five seconds.
  testTimeout: 30_000,
  modulePathIgnorePatterns: ["<rootDir>/bin/"],
  // These run alone, and mostly compute: by default jest would leave a core idle.
  maxWorkers: "100%",
};
