import { isAlreadyExists, isDryRunRefused, isForbidden, NoSuchKind, remedy } from "../api-error.ts";
import { create as createObject, NamespaceMissing } from "../apply.ts";
import { ruleFor, timeoutFor } from "../await/rules.ts";
import { NotReady, waitUntilReady } from "../await/wait.ts";
import { fieldManager, toObject, toState, withoutStatus } from "../checkpoint.ts";
import { isCustomResourceDefinition, isPatch, kindOf, nameOfUrn } from "../kinds.ts";
import { idOf } from "../metadata.ts";
import { isReachable, reachable, type Cluster, type Session } from "../session.ts";
import { containsUnknown, text, type Fields } from "../values.ts";
import { InitFailed } from "./failures.ts";

export interface CreateRequest {
  readonly urn: string;
  readonly properties: Fields;
  /** Seconds; 0 when the program sets none. */
  readonly timeout: number;
  readonly preview: boolean;
}

export interface CreateAnswer {
  /** "" in a preview. */
  readonly id: string;
  readonly state: Fields;
}

/** Whether the server could tell what it would make of the inputs. */
async function canBePreviewed(inputs: Fields, urn: string, session: Session): Promise<boolean> {
  return (
    session.settings.enableServerSideApply &&
    !containsUnknown(inputs) &&
    !isPatch(urn, text(inputs, "kind")) &&
    isReachable(session.cluster) &&
    (await session.cluster.objects.serves(kindOf(inputs)))
  );
}

/** Refusals of a dry run that a real create will not meet, because other resources come or go before it. */
const passesLater = (error: unknown): boolean =>
  isForbidden(error) || isDryRunRefused(error) || isAlreadyExists(error) || error instanceof NamespaceMissing;

/** @throws InitFailed when the object exists but is not ready; any other error when it does not exist. */
export async function create(request: CreateRequest, session: Session): Promise<CreateAnswer> {
  const { urn, properties, preview } = request;
  const inputs = toObject(properties);
  if (preview && !(await canBePreviewed(inputs, urn, session))) return { id: "", state: properties };
  const cluster = reachable(session);
  const manager = fieldManager({}, inputs, session.settings.enableServerSideApply);
  const checkpoint = (live: Fields): Fields =>
    toState({ inputs, live, initialApiVersion: text(inputs, "apiVersion"), fieldManager: manager }, properties);

  let created: Fields;
  try {
    created = await createObject(inputs, {
      objects: cluster.objects,
      settings: session.settings,
      urn,
      fieldManager: manager,
      dryRun: preview,
      note: (message) => session.log.status(urn, "info", message),
    });
  } catch (error) {
    if (preview && passesLater(error)) return { id: "", state: properties };
    throw creationError(error, inputs, urn);
  }
  if (preview) return { id: "", state: checkpoint(withoutStatus(created)) };

  if (isCustomResourceDefinition(inputs)) cluster.objects.forget();
  try {
    const live = await awaitCreated(created, inputs, request, cluster, session);
    return { id: idOf(live), state: checkpoint(live) };
  } catch (error) {
    const live = error instanceof NotReady ? error.object : created;
    const reasons = error instanceof NotReady ? error.reasons : [];
    const message = `${text(inputs, "kind")} ${idOf(live)} was created, but is not ready: ${(error as Error).message}`;
    throw new InitFailed(message, idOf(live), checkpoint(live), reasons);
  }
}

async function awaitCreated(
  created: Fields,
  inputs: Fields,
  request: CreateRequest,
  cluster: Cluster,
  session: Session,
): Promise<Fields> {
  const { urn, timeout } = request;
  const rule = await ruleFor(inputs, created, cluster.objects);
  if (rule === undefined) return created;
  const live = await waitUntilReady(created, undefined, rule, timeoutFor(timeout, inputs, rule), {
    ...cluster,
    status: (severity, message) => session.log.status(urn, severity, message),
  });
  session.log.status(urn, "info", "");
  return live;
}

function creationError(error: unknown, inputs: Fields, urn: string): Error {
  const what = `${text(inputs, "kind")} ${idOf(inputs)}`;
  if (error instanceof NoSuchKind) {
    return new Error(
      `${what} was not created: ${error.message}. Create its CustomResourceDefinition first, and let this resource depend on it (\`dependsOn\`)`,
    );
  }
  if (isAlreadyExists(error)) {
    return new Error(
      `${what} was not created: ${(error as Error).message}\n` +
        "The object exists in the cluster, but not in this stack's state. To go on:\n" +
        `  - bring it into the state: \`pulumi import <type> ${nameOfUrn(urn)} ${idOf(inputs)}\`\n` +
        "  - or, when the resource was renamed in the program, give it an alias of its old name\n" +
        "  - or own some of its fields only, with a Patch resource\n" +
        "  - or let creates take over existing objects, with the provider setting upsertExistingObjects.",
    );
  }
  const mend = remedy(error, urn);
  const message = error instanceof Error ? error.message : String(error);
  return new Error(`${what} was not created by the Kubernetes API server: ${message}${mend === "" ? "" : `\n${mend}`}`);
}
