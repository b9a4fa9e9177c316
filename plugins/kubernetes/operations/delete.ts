import { isNotFound, NoSuchKind } from "../api-error.ts";
import { relinquish, requiredFieldOf } from "../apply.ts";
import { waitUntilGone } from "../await/deleted.ts";
import { skipsDeletionWait, timeoutFor } from "../await/rules.ts";
import { NotReady } from "../await/wait.ts";
import { fieldManager, fromState, initialApiVersion, toState } from "../checkpoint.ts";
import { isPatch } from "../kinds.ts";
import { annotation, annotations, idOf, parseId } from "../metadata.ts";
import { isReachable, type Cluster, type Session } from "../session.ts";
import { text, type Fields } from "../values.ts";
import { InitFailed } from "./failures.ts";

export interface DeleteRequest {
  readonly urn: string;
  readonly id: string;
  readonly state: Fields;
  readonly timeout: number;
}

/** What becomes of the objects that the object's controller made. By default they go first, and it waits for them. */
function propagation(inputs: Fields): string {
  switch (annotation(inputs, annotations.deletionPropagation).toLowerCase()) {
    case "orphan":
      return "Orphan";
    case "background":
      return "Background";
    default:
      return "Foreground";
  }
}

function refuseUnreachable(request: DeleteRequest, session: Session, reason: string): void {
  session.log.message(request.urn, "warning", `configured Kubernetes cluster is unreachable: ${reason}`);
  if (session.settings.deleteUnreachable) {
    session.log.message(
      request.urn,
      "info",
      "deleteUnreachable is set, so the resource is dropped from Pulumi's state",
    );
    return;
  }
  throw new Error(
    "the cluster is unreachable, so the resource cannot be deleted. If the cluster is gone, drop its resources from the state: run the same again with PULUMI_K8S_DELETE_UNREACHABLE=true",
  );
}

/** @throws InitFailed when the object does not go away in time; it stays in the state. */
export async function remove(request: DeleteRequest, session: Session): Promise<void> {
  const { cluster } = session;
  if (!isReachable(cluster)) return refuseUnreachable(request, session, cluster.reason);
  const { inputs, live } = fromState(request.state);
  const manager = fieldManager(request.state, inputs, session.settings.enableServerSideApply);

  try {
    if (isPatch(request.urn, text(live, "kind"))) return await relinquish(live, manager, cluster.objects);
    const { name } = parseId(request.id);
    const answer = await cluster.objects.delete(live, name, {
      apiVersion: "v1",
      kind: "DeleteOptions",
      propagationPolicy: propagation(inputs),
    });
    // A Status says that it is gone; an object that it is on its way out.
    if (text(answer, "kind") !== "Status") await awaitDeletion(request, inputs, live, cluster, session);
  } catch (error) {
    // What is gone, or whose kind is gone, is deleted.
    if (isNotFound(error) || error instanceof NoSuchKind) return;
    const field = requiredFieldOf(error);
    if (field !== undefined) {
      throw new Error(
        `this Patch resource alone owns ${field}, which its object cannot do without: set \`retainOnDelete\`, or let another manager own the field first`,
        { cause: error },
      );
    }
    if (!(error instanceof NotReady)) throw error;
    const checkpoint = {
      inputs,
      live: error.object,
      initialApiVersion: initialApiVersion(request.state, inputs),
      fieldManager: manager,
    };
    // Of a failed deletion the engine shows the message alone.
    const message = [error.message, ...error.reasons].join("; ");
    throw new InitFailed(message, idOf(error.object), toState(checkpoint, request.state), []);
  }
}

async function awaitDeletion(
  request: DeleteRequest,
  inputs: Fields,
  live: Fields,
  cluster: Cluster,
  session: Session,
): Promise<void> {
  if (skipsDeletionWait(inputs)) return;
  await waitUntilGone(live, timeoutFor(request.timeout, inputs, undefined), {
    ...cluster,
    status: (severity, message) => session.log.status(request.urn, severity, message),
  });
  session.log.status(request.urn, "info", "");
}
