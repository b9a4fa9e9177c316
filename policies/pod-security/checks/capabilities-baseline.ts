import { distinct, named, quoted, show, type Check, type Rule } from "../check.ts";

const defaultCapabilities = new Set([
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
]);

const onlyDefaultCapabilities: Rule = (pod) => {
  const containers = pod.containers.filter(({ securityContext }) => forbidden(securityContext).length > 0);
  if (containers.length === 0) return undefined;
  const values = distinct(containers.flatMap(({ securityContext }) => forbidden(securityContext)));
  return {
    reason: "non-default capabilities",
    detail: `${named(containers)} must not include ${quoted(values)} in securityContext.capabilities.add`,
    fields: containers.map(({ path, securityContext }) => ({
      path: `${path}.securityContext.capabilities.add`,
      value: forbidden(securityContext).map(show).join(", "),
    })),
    containers,
  };
};

function forbidden({ addedCapabilities }: { readonly addedCapabilities: readonly string[] }): readonly string[] {
  return addedCapabilities.filter((capability) => !defaultCapabilities.has(capability));
}

export const capabilitiesBaseline: Check = {
  id: "capabilities_baseline",
  level: "baseline",
  why: "Capabilities beyond the container runtime's default set give access to the node's network, devices or kernel.",
  fix: "remove these capabilities from securityContext.capabilities.add",
  versions: { "v1.0": onlyDefaultCapabilities },
};
