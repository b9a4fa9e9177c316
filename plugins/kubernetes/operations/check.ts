/** Checks inputs, and completes them: a name, a namespace, and the form in which equal things are written equally. */
import { markSecrets, toObject } from "../checkpoint.ts";
import { deprecation } from "../deprecated.ts";
import { isCustomResourceDefinition, isList, isNamespacedBuiltIn, isPatch, kindOfType, typeOfUrn } from "../kinds.ts";
import { adoptName, assignName, hasGenerateName, nameOf, namespaceOf, type Autonaming } from "../metadata.ts";
import { normalize } from "../normalize.ts";
import { isReachable, type Session } from "../session.ts";
import { at, copy, fields, put, text, Unknown, type Fields, type Value } from "../values.ts";

export interface CheckRequest {
  readonly urn: string;
  /** The inputs of the existing resource; empty when there is none. */
  readonly olds: Fields;
  readonly news: Fields;
  readonly randomSeed: Uint8Array;
  readonly autonaming: Autonaming | undefined;
}

const managedByLabel = "app.kubernetes.io/managed-by";
const managedBy = (): string => process.env["PULUMI_KUBERNETES_MANAGED_BY_LABEL"] ?? "pulumi";

function addManagedByLabel(object: Fields): void {
  const labels: Value | undefined = at(object, "metadata", "labels");
  if (object["metadata"] instanceof Unknown || labels instanceof Unknown) return;
  put(object, managedBy(), "metadata", "labels", managedByLabel);
}

/** @throws Error when the inputs cannot become an object. */
export async function check(request: CheckRequest, session: Session): Promise<Fields> {
  const { urn, olds, news } = request;
  const { settings, cluster, log } = session;
  if (!isReachable(cluster) && settings.skipUpdateUnreachable) {
    log.message(
      urn,
      "warning",
      `The cluster is unreachable (${cluster.reason}); skipUpdateUnreachable is set, so this resource is left alone`,
    );
    return olds;
  }
  if (!isReachable(cluster) && !cluster.told) {
    cluster.told = true;
    const message = `the Kubernetes cluster is unreachable (${cluster.reason}); previews show the program's inputs only`;
    log.message(urn, "warning", message);
  }
  if (isList(urn)) {
    throw new Error("lists of objects cannot be created themselves: make one resource for each element of the list");
  }
  const inputs = normalize(toObject(news));
  const kind = text(inputs, "kind");
  if (isPatch(urn, kind)) {
    if (!settings.enableServerSideApply)
      throw new Error("Patch resources need the provider setting enableServerSideApply");
    if (nameOf(inputs) === "" && !(at(inputs, "metadata", "name") instanceof Unknown)) {
      throw new Error("Patch resources must name the object to patch: set metadata.name");
    }
  }

  if (Object.keys(olds).length > 0) {
    const previous = toObject(olds);
    adoptName(inputs, previous);
    // Whoever had the label keeps it; nobody gets it by an update.
    if (text(previous, "metadata", "labels", managedByLabel) === managedBy()) addManagedByLabel(inputs);
  } else {
    assignName(inputs, urn, request.randomSeed, request.autonaming);
    if (!settings.enableServerSideApply) addManagedByLabel(inputs);
  }
  if (settings.enableServerSideApply && hasGenerateName(inputs)) {
    throw new Error(
      "metadata.generateName does not work with server-side apply: leave it out, Pulumi generates a name itself",
    );
  }

  const gvk = kindOfType(typeOfUrn(urn));
  if (isReachable(cluster)) {
    const warning = deprecation(gvk, cluster.version);
    if (warning !== undefined && (warning.removed || !settings.suppressDeprecationWarnings)) {
      log.message(urn, "warning", warning.message);
    }
    if (isCustomResourceDefinition(inputs)) cluster.objects.define(inputs);
  }
  const missing = namespaceOf(inputs) === "" && !(at(inputs, "metadata", "namespace") instanceof Unknown);
  if (missing && cluster.namespace !== undefined && !(inputs["metadata"] instanceof Unknown)) {
    const namespaced = isReachable(cluster)
      ? await cluster.objects.isNamespaced(gvk)
      : (isNamespacedBuiltIn(gvk) ?? true);
    if (namespaced) put(inputs, cluster.namespace, "metadata", "namespace");
  }

  const checked = copy(inputs);
  markSecrets(checked, fields(news));
  return checked;
}
