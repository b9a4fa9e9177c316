import type { SharedExemptions } from "../crossguard/exemptions.ts";
import { containerPolicy } from "./container-policy.ts";
import { isWindows } from "./containers.ts";

/** An attacker who can write no file can bring no tool. Windows containers need a writable root. */
export const readOnlyRootFilesystem = (shared: SharedExemptions) =>
  containerPolicy(
    {
      name: "read-only-root-filesystem",
      description: "Containers cannot write to their image's file system.",
      severity: "medium",
      fix: "set readOnlyRootFilesystem: true, and mount an emptyDir where the container must write",
      problem: ({ value }, _, spec) => {
        const field = value.get("securityContext", "readOnlyRootFilesystem");
        if (field.flag(true) === true || isWindows(spec)) return undefined;
        return `may write to its image (${field.path}: ${field.shown})`;
      },
    },
    shared,
  );
