import { forces, withIgnored } from "../../../../plugins/kubernetes/apply.ts";
import { hasClientSideManager, takeOver } from "../../../../plugins/kubernetes/managed-fields.ts";
import { parseSettings } from "../../../../plugins/kubernetes/settings.ts";
import type { Fields } from "../../../../plugins/kubernetes/values.ts";

const entry = (manager: string, operation: string, fieldsV1: Fields, more: Fields = {}): Fields => ({
  manager,
  operation,
  fieldsV1,
  ...more,
});
const object = (...managedFields: Fields[]): Fields => ({ metadata: { managedFields } });

test("the fields of a create become those of the resource's manager", () => {
  const status = entry("kubelet", "Update", { "f:status": {} }, { subresource: "status" });
  const created = entry("pulumi-kubernetes", "Update", { "f:spec": { "f:a": {} } });
  expect(takeOver(object(created, status), "mine")).toEqual([
    status,
    entry("mine", "Apply", { "f:spec": { "f:a": {} } }),
  ]);
});

test("they are merged into those that the manager owns already", () => {
  const own = entry("mine", "Apply", { "f:spec": { "f:a": {} } });
  const kubectl = entry("kubectl-client-side-apply", "Update", { "f:spec": { "f:b": {} } });
  expect(takeOver(object(own, kubectl), "mine")).toEqual([
    entry("mine", "Apply", { "f:spec": { "f:a": {}, "f:b": {} } }),
  ]);
});

test("an object without such fields is left as it is", () => {
  expect(takeOver(object(entry("mine", "Apply", {}), entry("hpa", "Update", {})), "mine")).toBeUndefined();
});

test("only a Pulumi create counts as one", () => {
  expect(hasClientSideManager(object(entry("pulumi-kubernetes", "Update", {})))).toBe(true);
  expect(hasClientSideManager(object(entry("pulumi-kubernetes-1", "Apply", {})))).toBe(false);
});

describe("ignored fields", () => {
  const live = (manager: string): Fields => ({
    ...object(entry(manager, "Apply", { "f:spec": { "f:replicas": {} } })),
    spec: { replicas: 5 },
  });

  test("that only another manager owns are not sent", () => {
    expect(withIgnored({ spec: { replicas: 1, a: 2 } }, live("hpa"), ["spec.replicas"], "mine")).toEqual({
      spec: { a: 2 },
    });
  });

  test("that the resource owns are sent as they are", () => {
    expect(withIgnored({ spec: { replicas: 1 } }, live("mine"), ["spec.replicas"], "mine")).toEqual({
      spec: { replicas: 5 },
    });
  });

  test("that are not there are sent as the program has them", () => {
    expect(withIgnored({ spec: { a: 1 } }, live("mine"), ["spec.a"], "mine")).toEqual({ spec: { a: 1 } });
  });
});

describe("fields of other managers are taken", () => {
  const settings = parseSettings(new Map(), {});
  const applied = object(entry("mine", "Apply", {}));

  test("when the annotation or the provider says so", () => {
    expect(forces({}, applied, settings, false)).toBe(false);
    expect(forces({ metadata: { annotations: { "pulumi.com/patchForce": "true" } } }, applied, settings, false)).toBe(
      true,
    );
    expect(forces({}, applied, { ...settings, enablePatchForce: true }, false)).toBe(true);
  });

  test("in a dry run of what a create owns, and from objects without managers", () => {
    expect(forces({}, object(entry("pulumi-kubernetes", "Update", {})), settings, true)).toBe(true);
    expect(forces({}, undefined, settings, true)).toBe(true);
    expect(forces({}, object(), settings, false)).toBe(true);
  });
});
