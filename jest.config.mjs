/** @type {import("jest").Config} */
export default {
  testEnvironment: "node",
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
    ],
  },
  testMatch: [
    "<rootDir>/tests/unit/**/*.test.ts",
    "<rootDir>/local/**/*.test.ts",
    "<rootDir>/launcher/**/*.test.ts",
    "<rootDir>/plugins/**/*.test.ts",
  ],
  modulePathIgnorePatterns: ["<rootDir>/.state/"],
};
