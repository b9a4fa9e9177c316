/** What an update would change. */
import { job } from "../await/job.ts";
import { fromState, toObject } from "../checkpoint.ts";
import { detailedDiff, replacements, type Change } from "../diff.ts";
import { isNamespacedBuiltIn, kindOf } from "../kinds.ts";
import { annotation, annotations, isAutonamed, isNamed, nameOf, namespaceOf } from "../metadata.ts";
import { normalize, prune } from "../normalize.ts";
import { isReachable, type Session } from "../session.ts";
import { at, put, remove, text, type Fields } from "../values.ts";

export interface DiffRequest {
  readonly urn: string;
  readonly state: Fields;
  readonly news: Fields;
  readonly ignoreChanges: readonly string[];
}

export interface DiffAnswer {
  readonly changed: boolean;
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
  readonly details: ReadonlyMap<string, Change>;
}

async function isNamespaced(object: Fields, session: Session): Promise<boolean> {
  const gvk = kindOf(object);
  if (isReachable(session.cluster)) return session.cluster.objects.isNamespaced(gvk);
  return isNamespacedBuiltIn(gvk) ?? true;
}

/** Whether a Job that its annotation wants replaced when it is not complete, is not. */
async function isUnready(inputs: Fields, live: Fields, session: Session, urn: string): Promise<boolean> {
  if (annotation(inputs, annotations.replaceUnready) !== "true") return false;
  if (!isReachable(session.cluster)) {
    session.log.message(urn, "warning", "The cluster is unreachable, so pulumi.com/replaceUnready has no effect");
    return false;
  }
  if (inputs["kind"] !== "Job") {
    session.log.message(
      urn,
      "warning",
      `pulumi.com/replaceUnready has no effect on kind ${text(inputs, "kind")}, only on Job`,
    );
    return false;
  }
  try {
    const object = await session.cluster.objects.get(live, nameOf(live));
    return !job.judge({ object, related: {}, settled: true }).ready;
  } catch {
    // A Job that is gone or cannot be read is not unready: refresh finds it.
    return false;
  }
}

export async function diff(request: DiffRequest, session: Session): Promise<DiffAnswer> {
  const { urn, state, news, ignoreChanges } = request;
  const { inputs: oldInputs, live } = fromState(state);
  const inputs = normalize(toObject(news));
  // The live values, as far as the program set them before: what others set beside them is not ours to change.
  const before = prune(live, normalize(oldInputs));

  if (await isNamespaced(inputs, session)) {
    put(before, namespaceOf(before) || "default", "metadata", "namespace");
    if ((at(inputs, "metadata", "namespace") ?? "") === "") put(inputs, "default", "metadata", "namespace");
  } else {
    remove(before, "metadata", "namespace");
    remove(inputs, "metadata", "namespace");
  }
  if (text(before, "kind") === "") Object.assign(before, { apiVersion: inputs["apiVersion"], kind: inputs["kind"] });
  if (session.settings.enableServerSideApply) remove(before, "metadata", "resourceVersion");
  // A program may give an object the name that was generated for it.
  if (nameOf(inputs) !== "") put(before, nameOf(live), "metadata", "name");

  const details = detailedDiff(before, inputs, { urn, ignoreChanges, ...session.settings });
  const replaces = replacements(details);
  if (await isUnready(inputs, live, session, urn)) {
    replaces.push(`.metadata.annotations["${annotations.replaceUnready}"]`);
  }
  return {
    changed: details.size > 0 || replaces.length > 0,
    replaces,
    details,
    // Two objects cannot have the same name at the same time.
    deleteBeforeReplace:
      replaces.length > 0 &&
      isNamed(inputs) &&
      !isAutonamed(inputs) &&
      nameOf(inputs) === nameOf(live) &&
      namespaceOf(inputs) === namespaceOf(live),
  };
}
