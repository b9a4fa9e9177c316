import {
  annotationField,
  blame,
  distinct,
  fieldsAt,
  plural,
  quoted,
  securityContexts,
  setters,
  show,
  type Check,
  type Rule,
} from "../check.ts";

const annotationPrefix = "container.apparmor.security.beta.kubernetes.io/";

const onlyConfiningProfiles: Rule = (pod) => {
  const places = securityContexts(pod).filter(({ context: { appArmorType: type } }) => {
    return type !== undefined && type !== "RuntimeDefault" && type !== "Localhost";
  });
  const annotations = [...pod.annotations].filter(
    ([key, value]) => key.startsWith(annotationPrefix) && !allowed(value),
  );
  if (places.length + annotations.length === 0) return undefined;

  const { pod: podSets, containers } = blame(places);
  const who = [setters(podSets, containers), annotations.length > 0 ? plural(annotations.length, "annotation") : ""];
  const values = [
    ...distinct(places.map(({ context }) => context.appArmorType ?? "")),
    ...distinct(annotations.map(([key, value]) => `${key}=${JSON.stringify(value)}`)),
  ];
  return {
    reason: plural(values.length, "forbidden AppArmor profile"),
    detail: `${who.filter(Boolean).join(" and ")} must not set AppArmor profile type to ${quoted(values)}`,
    fields: [
      ...fieldsAt(places, "appArmorProfile.type", ({ context }) => show(context.appArmorType)),
      ...annotations.map(([key, value]) => annotationField(pod, key, value)),
    ],
    containers,
  };
};

function allowed(annotation: string): boolean {
  return annotation === "" || annotation === "runtime/default" || annotation.startsWith("localhost/");
}

export const appArmorProfile: Check = {
  id: "appArmorProfile",
  level: "baseline",
  why: "On nodes with AppArmor, an unconfined container loses this protection of the kernel.",
  fix: "remove appArmorProfile, or set its type to RuntimeDefault or Localhost",
  versions: { "v1.0": onlyConfiningProfiles },
};
