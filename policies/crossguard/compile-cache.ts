import * as nodeModule from "node:module";

// Most of the pack's start is the compilation of the Pulumi SDK; Node (from 22.8) can keep it for the next start.
(nodeModule as { enableCompileCache?: () => unknown }).enableCompileCache?.();

/** Keeps what has been compiled so far. The engine ends a pack without a chance to do this at the end. */
export const keepCompiled = (): void => (nodeModule as { flushCompileCache?: () => void }).flushCompileCache?.();
