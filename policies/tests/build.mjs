/** Compiles the pack: tests that call it over gRPC use the build that ships. */
export { compile as default } from "../build.mjs";
