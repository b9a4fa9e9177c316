/** Who owns which field: `metadata.managedFields`, as server-side apply keeps it. */
import type { PathElement } from "./property-path.ts";
import { at, copy, fields, isFields, list, text, type Fields } from "./values.ts";

/** Managers whose fields this provider takes over when it applies an object: kubectl's, and its own creates'. */
const absorbed: readonly { prefix: string; operation: string }[] = [
  { prefix: "kubectl", operation: "Apply" },
  { prefix: "kubectl", operation: "Update" },
  { prefix: "before-first-apply", operation: "Update" },
  { prefix: "pulumi-kubernetes", operation: "Update" },
  { prefix: "pulumi-resource-kubernetes", operation: "Update" },
];

const isAbsorbed = (entry: Fields): boolean =>
  text(entry, "subresource") === "" &&
  absorbed.some(
    ({ prefix, operation }) => text(entry, "manager").startsWith(prefix) && text(entry, "operation") === operation,
  );

function union(a: Fields, b: Fields): Fields {
  const result = copy(a);
  for (const [name, value] of Object.entries(b)) {
    const own = result[name];
    result[name] = isFields(own) && isFields(value) ? union(own, value) : copy(value);
  }
  return result;
}

/** The managed fields of an object after `manager` has taken over the absorbed ones; undefined when it has nothing to take. */
export function takeOver(object: Fields, manager: string): Fields[] | undefined {
  const entries = list(object, "metadata", "managedFields");
  const isOwn = (entry: Fields): boolean =>
    text(entry, "manager") === manager && text(entry, "operation") === "Apply" && text(entry, "subresource") === "";
  const taken = entries.filter((entry) => !isOwn(entry) && isAbsorbed(entry));
  const [first] = taken;
  if (first === undefined) return undefined;

  const own = entries.find(isOwn) ?? { ...first, manager, operation: "Apply", fieldsV1: {} };
  const fieldsV1 = taken.reduce((all, entry) => union(all, fields(entry, "fieldsV1")), fields(own, "fieldsV1"));
  const others = entries.filter((entry) => !isOwn(entry) && !taken.includes(entry));
  return [...others, { ...own, fieldsV1 }];
}

/** Whether an object was created or updated, not applied, by a Pulumi provider. */
export function hasClientSideManager(object: Fields): boolean {
  return list(object, "metadata", "managedFields").some(
    (entry) =>
      text(entry, "operation") === "Update" &&
      ["pulumi-resource-kubernetes", "pulumi-kubernetes", "pulumi-kubernetes.exe"].includes(text(entry, "manager")),
  );
}

/** Whether the manager itself, and whether any other, owns the field at a path or something under it. */
export function owners(
  object: Fields,
  path: readonly PathElement[],
  manager: string,
): { own: boolean; other: boolean } {
  const names = path.map((element) => `f:${element}`);
  const owning = list(object, "metadata", "managedFields").filter(
    (entry) => at(entry, "fieldsV1", ...names) !== undefined,
  );
  const own = owning.some((entry) => text(entry, "manager") === manager);
  return { own, other: owning.some((entry) => text(entry, "manager") !== manager) };
}
