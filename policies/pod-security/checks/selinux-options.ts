import { blame, distinct, fieldsAt, plural, quoted, securityContexts, setters, type Check } from "../check.ts";
import type { Rule } from "../check.ts";

const types1_0 = ["", "container_t", "container_init_t", "container_kvm_t"];
const types1_31 = [...types1_0, "container_engine_t"];

const onlyContainerTypes =
  (allowedTypes: readonly string[]): Rule =>
  (pod) => {
    const places = securityContexts(pod).filter(({ context: { seLinux } }) => {
      return seLinux && (!allowedTypes.includes(seLinux.type) || seLinux.user !== "" || seLinux.role !== "");
    });
    if (places.length === 0) return undefined;
    const { pod: podSets, containers } = blame(places);
    const options = places.flatMap(({ context }) => context.seLinux ?? []);
    const badTypes = distinct(options.map(({ type }) => type).filter((type) => !allowedTypes.includes(type)));
    const what = [
      ...(badTypes.length > 0 ? [`${plural(badTypes.length, "type")} ${quoted(badTypes)}`] : []),
      ...(options.some(({ user }) => user !== "") ? ["user may not be set"] : []),
      ...(options.some(({ role }) => role !== "") ? ["role may not be set"] : []),
    ];
    return {
      reason: "seLinuxOptions",
      detail: `${setters(podSets, containers)} set forbidden securityContext.seLinuxOptions: ${what.join("; ")}`,
      fields: fieldsAt(places, "seLinuxOptions", ({ context }) => JSON.stringify(context.seLinux)),
      containers,
    };
  };

export const seLinuxOptions: Check = {
  id: "seLinuxOptions",
  level: "baseline",
  why: "Another SELinux type, user or role can remove the confinement of the container.",
  fix: `remove seLinuxOptions.user and .role, and remove .type or set it to one of ${types1_31.slice(1).join(", ")}`,
  versions: { "v1.0": onlyContainerTypes(types1_0), "v1.31": onlyContainerTypes(types1_31) },
};
