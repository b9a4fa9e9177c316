import type { SharedExemptions } from "../crossguard/exemptions.ts";
import { containerPolicy } from "./container-policy.ts";
import { isWindows } from "./containers.ts";

/** An attacker cannot install tools in a read-only container. Windows containers need a writable root. */
export const readOnlyRootFilesystem = (shared: SharedExemptions) =>
  containerPolicy(
    {
      name: "read-only-root-filesystem",
      description: "Containers have a read-only root filesystem.",
      severity: "medium",
      why: "An attacker in the container can write files, for example to install tools.",
      fix: "set readOnlyRootFilesystem: true, and mount an emptyDir where the container must write",
      problem: ({ value }, _, spec) => {
        const field = value.get("securityContext", "readOnlyRootFilesystem");
        if (field.flag(true) === true || isWindows(spec)) return undefined;
        return `can write to its root filesystem (${field.path}: ${field.shown})`;
      },
    },
    shared,
  );
