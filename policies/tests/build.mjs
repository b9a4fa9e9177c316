/** Compiles the pack: tests that speak to it as the engine does run what ships. */
export { compile as default } from "../build.mjs";
