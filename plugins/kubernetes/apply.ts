/** Creating and updating objects. */
import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, isConflict, isInvalid, isNamespaceNotFound, isNotFound, NoSuchKind } from "./api-error.ts";
import { clientSideManager } from "./checkpoint.ts";
import { isCustomResourceDefinition, isPatch } from "./kinds.ts";
import { hasClientSideManager, owners, takeOver } from "./managed-fields.ts";
import { annotation, annotations, nameOf, namespaceOf, uniqueName } from "./metadata.ts";
import { mergePatch } from "./diff.ts";
import type { Objects } from "./objects.ts";
import { parsePropertyPath } from "./property-path.ts";
import type { Settings } from "./settings.ts";
import { at, copy, list, put, remove, text, type Fields } from "./values.ts";

export interface Application {
  readonly objects: Objects;
  readonly settings: Settings;
  readonly urn: string;
  readonly fieldManager: string;
  /** Ask the server what it would do, without doing it. */
  readonly dryRun: boolean;
  /** Shown while waiting for what the object needs. */
  readonly note: (message: string) => void;
}

/** A preview that cannot be made, because the namespace comes into being in the same update. */
export class NamespaceMissing extends Error {}

const dryRunQuery = (application: Application): { dryRun?: string } => (application.dryRun ? { dryRun: "All" } : {});

/** Whether to take fields from managers that own them. */
export function forces(inputs: Fields, live: Fields | undefined, settings: Settings, dryRun: boolean): boolean {
  if (annotation(inputs, annotations.patchForce) === "true" || settings.enablePatchForce) return true;
  // Before a real update the managers are put in order, which a dry run cannot do.
  if (dryRun && (live === undefined || hasClientSideManager(live))) return true;
  return live !== undefined && list(live, "metadata", "managedFields").length === 0;
}

async function createOnce(inputs: Fields, application: Application): Promise<Fields> {
  const { objects, settings, fieldManager, dryRun } = application;
  const adopts = settings.upsertExistingObjects || isPatch(application.urn, text(inputs, "kind"));
  if (!settings.enableServerSideApply || !adopts) {
    return objects.create(inputs, { fieldManager: clientSideManager, ...dryRunQuery(application) });
  }
  const force = String(forces(inputs, undefined, settings, dryRun));
  const query = { fieldManager, force, fieldValidation: "Warn", ...dryRunQuery(application) };
  try {
    return await objects.apply(inputs, nameOf(inputs), query);
  } catch (error) {
    // The existing object will be replaced: preview the new one under another name.
    if (!dryRun || !isInvalid(error) || !(error as Error).message.includes("field is immutable")) throw error;
    const renamed = copy(inputs);
    put(renamed, uniqueName(nameOf(inputs), new Uint8Array()), "metadata", "name");
    return objects.apply(renamed, nameOf(renamed), query);
  }
}

const createTries = 6;

/**
 * Creates an object. What it needs (its namespace, the definition of its kind) may be on the way: then tries again,
 * for half a minute in all.
 */
export async function create(inputs: Fields, application: Application): Promise<Fields> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await createOnce(inputs, application);
    } catch (error) {
      if (application.dryRun && isNamespaceNotFound(error)) {
        throw new NamespaceMissing(`namespace ${namespaceOf(inputs)} does not exist yet`);
      }
      if (!(isNotFound(error) || error instanceof NoSuchKind) || attempt === createTries) throw error;
      application.note(`Try ${attempt} of ${createTries}: ${(error as Error).message}`);
      const { cancelled } = application.objects.api;
      // The next try tells of a cancellation.
      await sleep(1000 * 2 ** (attempt - 1), undefined, { signal: cancelled }).catch(() => undefined);
    }
  }
}

/** Makes the fields that were created by this provider, or applied with kubectl, those of this resource's manager. */
async function settleManagers(live: Fields, application: Application): Promise<Fields> {
  const { objects, fieldManager } = application;
  let current = live;
  for (let attempt = 1; ; attempt++) {
    const managedFields = takeOver(current, fieldManager);
    if (managedFields === undefined) return current;
    const patch = [
      { op: "replace", path: "/metadata/managedFields", value: managedFields },
      { op: "replace", path: "/metadata/resourceVersion", value: text(current, "metadata", "resourceVersion") },
    ];
    try {
      return await objects.patch(current, nameOf(current), "application/json-patch+json", patch, {});
    } catch (error) {
      // Somebody, most often a controller writing a status, was faster.
      if (!isConflict(error) || attempt === 5) throw error;
      current = await objects.get(current, nameOf(current));
    }
  }
}

/**
 * Inputs for which ignored fields are left alone: not sent when only others own them, else sent as they are, because
 * leaving out an owned field removes it.
 */
export function withIgnored(inputs: Fields, live: Fields, ignoreChanges: readonly string[], manager: string): Fields {
  const result = copy(inputs);
  for (const ignored of ignoreChanges) {
    const path = parsePropertyPath(ignored);
    const names = path.filter((element) => typeof element === "string" && element !== "*") as string[];
    if (names.length < path.length) continue;
    const { own, other } = owners(live, names, manager);
    const current = at(live, ...names);
    if (other && !own) remove(result, ...names);
    else if (current !== undefined) put(result, copy(current), ...names);
  }
  return result;
}

export interface Update {
  /** The previous inputs as they are live. */
  readonly before: Fields;
  readonly inputs: Fields;
  readonly ignoreChanges: readonly string[];
  /** The object as it is now. */
  readonly live: Fields;
}

/** Brings an existing object to new inputs. */
export async function update(change: Update, application: Application): Promise<Fields> {
  const { objects, settings, fieldManager, dryRun } = application;
  const { live, inputs } = change;
  const name = nameOf(live);
  if (isCustomResourceDefinition(inputs)) {
    const replacement = copy(inputs);
    put(replacement, text(live, "metadata", "resourceVersion"), "metadata", "resourceVersion");
    return objects.replace(replacement, name, { fieldManager, ...dryRunQuery(application) });
  }
  if (!settings.enableServerSideApply) {
    const wanted = withIgnored(inputs, live, change.ignoreChanges, clientSideManager);
    const patch = mergePatch(change.before, wanted);
    return objects.patch(inputs, name, "application/merge-patch+json", patch, {
      fieldManager,
      ...dryRunQuery(application),
    });
  }
  const keepManagers = dryRun || isPatch(application.urn, text(inputs, "kind"));
  const current = keepManagers ? live : await settleManagers(live, application);
  const wanted = withIgnored(inputs, current, change.ignoreChanges, fieldManager);
  const force = String(forces(inputs, current, settings, dryRun));
  return objects.apply(wanted, name, { fieldManager, force, ...dryRunQuery(application) });
}

/** Gives up all fields of an object that a manager owns; those that nobody else owns go back to their defaults. */
export async function relinquish(object: Fields, fieldManager: string, objects: Objects): Promise<void> {
  const identity: Fields = {
    apiVersion: text(object, "apiVersion"),
    kind: text(object, "kind"),
    metadata: { name: nameOf(object), ...(namespaceOf(object) === "" ? {} : { namespace: namespaceOf(object) }) },
  };
  await objects.apply(identity, nameOf(object), { fieldManager });
}

/** A Patch resource whose manager alone owns a field that the kind requires cannot let go of it. */
export function requiredFieldOf(error: unknown): string | undefined {
  if (!isInvalid(error) || !(error instanceof ApiError)) return undefined;
  const cause = list(error.status, "details", "causes").find((item) => text(item, "reason") === "FieldValueRequired");
  return cause === undefined ? undefined : text(cause, "field");
}
