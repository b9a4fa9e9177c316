/** Minor number of the version in which a check last changed. */
export const newestMinor = 37;

/** A policy version `v1.N` by its minor number; `Infinity` for `latest`. */
export type Minor = number;

/**
 * Parses `latest` or `v1.N`, the values of the label `pod-security.kubernetes.io/enforce-version`.
 * @throws for any other value.
 */
export function parseVersion(version: string): Minor {
  if (version === "latest") return Infinity;
  const minor = /^v1\.(0|[1-9]\d*)$/.exec(version)?.[1];
  if (minor === undefined) {
    throw new Error(`Pod Security version ${JSON.stringify(version)}: must be "latest" or "v1.N", for example "v1.34"`);
  }
  return Number(minor);
}

export function showVersion(minor: Minor): string {
  return minor === Infinity ? "latest" : `v1.${minor}`;
}
