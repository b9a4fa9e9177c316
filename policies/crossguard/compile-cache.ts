import * as nodeModule from "node:module";

// Most of the pack's start is the compilation of the Pulumi SDK; Node (from 22.8) can keep it for the next start.
(nodeModule as { enableCompileCache?: () => unknown }).enableCompileCache?.();
