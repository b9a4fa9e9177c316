/** What the API server answers when it refuses. */
import { list, number, text, type Fields } from "./values.ts";

/** A refused request, with the server's Status object. */
export class ApiError extends Error {
  readonly code: number;
  readonly status: Fields;

  constructor(code: number, status: Fields) {
    super(text(status, "message") || `the API server answered with HTTP status ${code}`);
    this.code = code;
    this.status = status;
  }

  get reason(): string {
    return text(this.status, "reason");
  }
}

/** No kind of this name is served: most often a custom resource whose definition is not there. */
export class NoSuchKind extends Error {}

/** The API server cannot be reached, or does not accept this user at all. */
export class Unreachable extends Error {}

/** The wait or request was ended by `pulumi cancel` or Ctrl-C. */
export class Cancelled extends Error {}

const hasReason = (error: unknown, ...reasons: string[]): boolean =>
  error instanceof ApiError && reasons.includes(error.reason);

export const isNotFound = (error: unknown): boolean =>
  error instanceof ApiError && (error.code === 404 || error.reason === "NotFound");
export const isForbidden = (error: unknown): boolean => hasReason(error, "Forbidden");
export const isAlreadyExists = (error: unknown): boolean => hasReason(error, "AlreadyExists");
export const isInvalid = (error: unknown): boolean => hasReason(error, "Invalid");
export const isConflict = (error: unknown): boolean => hasReason(error, "Conflict");
export const isExpired = (error: unknown): boolean =>
  hasReason(error, "Expired", "Gone") || (error instanceof ApiError && error.code === 410);

export const isNamespaceNotFound = (error: unknown): boolean =>
  isNotFound(error) && error instanceof ApiError && text(error.status, "details", "kind") === "namespaces";

/** Older servers and some webhooks refuse any dry run. */
export const isDryRunRefused = (error: unknown): boolean =>
  error instanceof ApiError &&
  error.code === 400 &&
  /the dryRun (alpha|beta) feature is disabled|does not support dry run/.test(error.message);

/** The fields that the server names in a refusal of an invalid object, each with its reason. */
export function causes(error: unknown): { field: string; reason: string; message: string }[] {
  if (!(error instanceof ApiError)) return [];
  return list(error.status, "details", "causes").map((cause) => ({
    field: text(cause, "field"),
    reason: text(cause, "reason"),
    message: text(cause, "message"),
  }));
}

const isImmutable = (message: string): boolean =>
  /immutable|may not be changed|updates to .* are forbidden|forbidden: .*after creation/i.test(message);

/** How to go on after a refusal, or "" when its own message says enough. */
export function remedy(error: unknown, urn: string): string {
  if (isInvalid(error) && error instanceof ApiError && error.message.includes("can not be less than status.capacity")) {
    return "A volume can grow, but never shrink: set its former size again, or move the data to a smaller volume.";
  }
  if (isInvalid(error) && error instanceof ApiError && isImmutable(error.message)) {
    const names = causes(error).map((cause) => cause.field);
    const what = names.length === 0 ? "The field" : names.join(", ");
    return `${what} cannot be changed in place. Undo the change, ignore it (\`ignoreChanges\`), or replace the object: \`pulumi up --replace '${urn}'\`, or the \`replaceOnChanges\` option.`;
  }
  if (isConflict(error)) {
    return (
      "Another field manager owns these fields. Leave them out of the program, ignore them (`ignoreChanges`), or take " +
      'them over with the annotation `pulumi.com/patchForce: "true"` or the provider setting `enablePatchForce`.'
    );
  }
  return "";
}

/** Seconds that the server asks to wait before the next try, from a Status. */
export const retryAfter = (status: Fields): number | undefined => number(status, "details", "retryAfterSeconds");
