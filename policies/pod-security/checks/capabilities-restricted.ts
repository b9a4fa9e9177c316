import { distinct, exceptOnWindows, named, quoted, show, type Check, type Rule } from "../check.ts";
import type { Container } from "../pod.ts";

const dropAllAddAlmostNone: Rule = (pod) => {
  const keeping = pod.containers.filter(({ securityContext }) => !securityContext.droppedCapabilities.includes("ALL"));
  const adding = pod.containers.filter((container) => forbidden(container).length > 0);
  if (keeping.length + adding.length === 0) return undefined;
  const details = [
    ...(keeping.length > 0 ? [`${named(keeping)} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...(adding.length > 0
      ? [
          `${named(adding)} must not include ${quoted(distinct(adding.flatMap(forbidden)))}` +
            " in securityContext.capabilities.add",
        ]
      : []),
  ];
  return {
    reason: "unrestricted capabilities",
    detail: details.join("; "),
    fields: [
      ...keeping.map(({ path, securityContext: { droppedCapabilities } }) => ({
        path: `${path}.securityContext.capabilities.drop`,
        value: droppedCapabilities.length === 0 ? "not set" : droppedCapabilities.map(show).join(", "),
      })),
      ...adding.map((container) => ({
        path: `${container.path}.securityContext.capabilities.add`,
        value: forbidden(container).map(show).join(", "),
      })),
    ],
    containers: [...new Set([...keeping, ...adding])],
  };
};

function forbidden({ securityContext }: Container): readonly string[] {
  return securityContext.addedCapabilities.filter((capability) => capability !== "NET_BIND_SERVICE");
}

export const capabilitiesRestricted: Check = {
  id: "capabilities_restricted",
  level: "restricted",
  why: "Few servers need a capability, and each one helps an attacker to escape from the container.",
  fix: 'set securityContext.capabilities.drop: ["ALL"] on every container, and add at most NET_BIND_SERVICE',
  versions: { "v1.22": dropAllAddAlmostNone, "v1.25": exceptOnWindows(dropAllAddAlmostNone) },
  overrides: ["capabilities_baseline"],
};
