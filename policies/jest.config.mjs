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
  modulePathIgnorePatterns: ["<rootDir>/bin/"],
};
