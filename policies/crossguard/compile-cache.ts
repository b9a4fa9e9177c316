import * as nodeModule from "node:module";

// Most of the pack's start-up time is the compilation of the Pulumi SDK, which Node 22.8 and later can cache.
(nodeModule as { enableCompileCache?: () => unknown }).enableCompileCache?.();

/** Writes the compile cache now, because the engine kills the pack and Node would not write it at exit. */
export const saveCompileCache = (): void => (nodeModule as { flushCompileCache?: () => void }).flushCompileCache?.();
