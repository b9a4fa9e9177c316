import { isForbidden, isNotFound, NoSuchKind, remedy } from "../api-error.ts";
import { relinquish, update as updateObject } from "../apply.ts";
import { ruleFor, timeoutFor } from "../await/rules.ts";
import { NotReady, waitUntilReady } from "../await/wait.ts";
import { fieldManager, fromState, initialApiVersion, toObject, toState } from "../checkpoint.ts";
import { kindOf } from "../kinds.ts";
import { idOf, nameOf } from "../metadata.ts";
import { normalize, prune } from "../normalize.ts";
import { isReachable, reachable, type Cluster, type Session } from "../session.ts";
import { at, containsUnknown, put, text, type Fields } from "../values.ts";
import { InitFailed } from "./failures.ts";

export interface UpdateRequest {
  readonly urn: string;
  readonly state: Fields;
  readonly news: Fields;
  readonly timeout: number;
  readonly ignoreChanges: readonly string[];
  readonly preview: boolean;
}

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * Updates an object, and returns its new state.
 * @throws InitFailed when the object was reached but is not ready, or the server refused the change.
 */
export async function update(request: UpdateRequest, session: Session): Promise<Fields> {
  const { urn, state, news, preview } = request;
  if (!preview) reachable(session);
  const inputs = normalize(toObject(news));
  const { cluster, settings } = session;
  const previewable =
    isReachable(cluster) && !containsUnknown(inputs) && (await cluster.objects.serves(kindOf(inputs)));
  if (preview && !previewable) return news;
  const { objects } = reachable(session);

  const { inputs: oldInputs, live: oldLive } = fromState(state);
  // Old provider versions wrote this annotation; it goes with the next change.
  const annotated = at(oldLive, "metadata", "annotations", lastApplied);
  if (annotated !== undefined) put(oldInputs, annotated, "metadata", "annotations", lastApplied);
  const manager = fieldManager(state, inputs, settings.enableServerSideApply);
  const oldManager = fieldManager(state, oldInputs, settings.enableServerSideApply);
  const checkpoint = (live: Fields): Fields =>
    toState({ inputs, live, initialApiVersion: initialApiVersion(state, oldInputs), fieldManager: manager }, news);

  let found: Fields | undefined;
  try {
    found = await objects.get(inputs, nameOf(oldLive));
    const written = await updateObject(
      {
        before: prune(oldLive, normalize(oldInputs)),
        inputs,
        ignoreChanges: request.ignoreChanges,
        live: found,
      },
      {
        objects,
        settings,
        urn,
        fieldManager: manager,
        dryRun: preview,
        note: (message) => session.log.status(urn, "info", message),
      },
    );
    if (preview) return checkpoint(written);
    const live = await awaitUpdated(written, found, inputs, request, reachable(session), session);
    if (settings.enableServerSideApply && oldManager !== manager) await relinquish(live, oldManager, objects);
    return checkpoint(live);
  } catch (error) {
    if (preview && isForbidden(error)) return news;
    // Without an object there is no state to keep.
    if (found === undefined || preview) throw updateError(error, inputs, urn);
    const live = error instanceof NotReady ? error.object : await current(found, cluster);
    const reasons = error instanceof NotReady ? error.reasons : [];
    throw new InitFailed(updateError(error, inputs, urn).message, idOf(live), checkpoint(live), reasons);
  }
}

/** The object as it is now, or as it was found when it cannot be read. */
async function current(found: Fields, cluster: Session["cluster"]): Promise<Fields> {
  try {
    return isReachable(cluster) ? await cluster.objects.get(found, nameOf(found)) : found;
  } catch {
    return found;
  }
}

async function awaitUpdated(
  written: Fields,
  before: Fields,
  inputs: Fields,
  request: UpdateRequest,
  cluster: Cluster,
  session: Session,
): Promise<Fields> {
  const { urn, timeout } = request;
  const rule = await ruleFor(inputs, written, cluster.objects);
  if (rule === undefined) return written;
  const live = await waitUntilReady(written, before, rule, timeoutFor(timeout, inputs, rule), {
    ...cluster,
    status: (severity, message) => session.log.status(urn, severity, message),
  });
  session.log.status(urn, "info", "");
  return live;
}

function updateError(error: unknown, inputs: Fields, urn: string): Error {
  const what = `${text(inputs, "kind")} ${idOf(inputs)}`;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof NotReady) return new Error(`${what} was updated, but is not ready: ${message}`);
  if (error instanceof NoSuchKind) {
    return new Error(`${what} was not updated: ${message}. Create its CustomResourceDefinition first (\`dependsOn\`)`);
  }
  if (isNotFound(error)) {
    return new Error(
      `${what} was not updated, because it is no longer in the cluster: ${message}. Run \`pulumi refresh\`, then \`pulumi up\` creates it again`,
    );
  }
  const mend = remedy(error, urn);
  return new Error(`${what} was not updated: ${message}${mend === "" ? "" : `\n${mend}`}`);
}
