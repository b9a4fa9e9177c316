import { isNotFound, NoSuchKind } from "../api-error.ts";
import { builtInRule } from "../await/rules.ts";
import { checkReady, NotReady } from "../await/wait.ts";
import { fieldManager, fromState, initialApiVersion, markSecrets, toObject, toState } from "../checkpoint.ts";
import { apiVersionOf, kindOfType, typeOfUrn } from "../kinds.ts";
import { annotation, annotations, nameOf, namespaceOf, parseId } from "../metadata.ts";
import { normalize, prune } from "../normalize.ts";
import { isReachable, type Cluster, type Session } from "../session.ts";
import { copy, fields, isFields, put, remove, text, type Fields } from "../values.ts";
import { InitFailed } from "./failures.ts";

export interface ReadRequest {
  readonly urn: string;
  readonly id: string;
  /** Empty when a resource is imported or got. */
  readonly state: Fields;
  readonly inputs: Fields;
}

/** Undefined: the object is gone, and goes from the state. */
export type ReadAnswer = { readonly id: string; readonly state: Fields; readonly inputs: Fields } | undefined;

/** Fields that the server wrote, not a program. */
const notInputs: readonly (readonly string[])[] = [
  ["status"],
  ["metadata", "creationTimestamp"],
  ["metadata", "deletionGracePeriodSeconds"],
  ["metadata", "deletionTimestamp"],
  ["metadata", "generation"],
  ["metadata", "managedFields"],
  ["metadata", "resourceVersion"],
  ["metadata", "selfLink"],
  ["metadata", "uid"],
  ["metadata", "annotations", "deployment.kubernetes.io/revision"],
  ["metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"],
];

function unreachableAnswer(request: ReadRequest, session: Session, reason: string): ReadAnswer {
  const { urn, id, state, inputs } = request;
  session.log.message(urn, "warning", `configured Kubernetes cluster is unreachable: ${reason}`);
  if (session.settings.deleteUnreachable) {
    session.log.message(urn, "info", "deleteUnreachable is set, so the resource is dropped from Pulumi's state");
    return undefined;
  }
  if (session.settings.skipUpdateUnreachable) {
    session.log.message(urn, "info", "skipUpdateUnreachable is set, so the state may differ from the cluster");
    return { id, state, inputs };
  }
  throw new Error(
    "the cluster is unreachable, so the resource cannot be read. If the cluster is gone, drop its resources from the state: run the same again with PULUMI_K8S_DELETE_UNREACHABLE=true",
  );
}

/** @throws InitFailed when the object is there but not ready. */
export async function read(request: ReadRequest, session: Session): Promise<ReadAnswer> {
  const { cluster } = session;
  if (!isReachable(cluster)) return unreachableAnswer(request, session, cluster.reason);
  const { namespace, name } = parseId(request.id);
  if (name === "") throw new Error(`"${request.id}" is not an id: it must be "name" or "namespace/name"`);

  const { live: oldLive } = fromState(request.state);
  const oldInputs = normalize(toObject(request.inputs));
  const isKnown = text(oldInputs, "kind") !== "";
  const imported = !isKnown && text(oldLive, "kind") === "";
  if (!isKnown) identify(oldInputs, oldLive, request.urn, namespace, name);

  let live: Fields;
  try {
    live = await cluster.objects.get(oldInputs, name);
  } catch (error) {
    // Without its definition, a custom resource is gone too.
    if (isNotFound(error) || error instanceof NoSuchKind) return undefined;
    throw error;
  }
  const inputs = imported ? importedInputs(live) : prune(live, oldInputs);
  const answer = {
    id: request.id,
    state: toState(
      {
        inputs,
        live,
        initialApiVersion: initialApiVersion(request.state, oldInputs),
        fieldManager: fieldManager(request.state, oldInputs, session.settings.enableServerSideApply),
      },
      request.inputs,
    ),
    inputs: copy(inputs),
  };
  markSecrets(answer.inputs, fields(request.inputs));
  if (!imported) await reportUnready(live, oldInputs, cluster, answer);
  return answer;
}

function identify(inputs: Fields, live: Fields, urn: string, namespace: string, name: string): void {
  const gvk = kindOfType(typeOfUrn(urn));
  const known = text(live, "kind") !== "";
  inputs["apiVersion"] = known ? text(live, "apiVersion") : apiVersionOf(gvk);
  inputs["kind"] = known ? text(live, "kind") : gvk.kind.replace(/(?<=.)Patch$/, "");
  if (nameOf(inputs) === "") put(inputs, name, "metadata", "name");
  if (namespace !== "" && namespaceOf(inputs) === "") put(inputs, namespace, "metadata", "namespace");
}

/** All that a program could have said to get this object. */
function importedInputs(live: Fields): Fields {
  const inputs = copy(live);
  for (const path of notInputs) remove(inputs, ...path);
  const annotationsLeft = inputs["metadata"];
  if (isFields(annotationsLeft) && Object.keys(fields(annotationsLeft, "annotations")).length === 0) {
    remove(inputs, "metadata", "annotations");
  }
  return inputs;
}

async function reportUnready(
  live: Fields,
  inputs: Fields,
  cluster: Cluster,
  answer: NonNullable<ReadAnswer>,
): Promise<void> {
  if (annotation(inputs, annotations.skipAwait) === "true") return;
  const rule = await builtInRule(live, cluster.objects);
  if (rule?.onRead !== true) return;
  try {
    await checkReady(live, rule, cluster.objects);
  } catch (error) {
    if (!(error instanceof NotReady)) throw error;
    throw new InitFailed(error.message, answer.id, answer.state, error.reasons, answer.inputs);
  }
}
