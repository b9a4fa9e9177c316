/** What the official plugin can do and this one does not: refused by name, with the way out. */
import { typeOfUrn } from "./kinds.ts";

const official = "install the official plugin: `pulumi plugin install resource kubernetes 4.32.0`";

const refusedTypes: ReadonlyMap<string, string> = new Map([
  ["kubernetes:helm.sh/v3:Release", "write the chart's objects as resources"],
  ["kubernetes:helm.sh/v4:Chart", "render the chart with `helm template`, and use kubernetes.yaml.ConfigFile"],
  ["kubernetes:kustomize/v2:Directory", "build it with `kubectl kustomize`, and use kubernetes.yaml.ConfigFile"],
  ["kubernetes:yaml/v2:ConfigFile", "use kubernetes.yaml.ConfigFile"],
  ["kubernetes:yaml/v2:ConfigGroup", "use kubernetes.yaml.ConfigGroup"],
]);

const refusedFunctions: ReadonlyMap<string, string> = new Map([
  ["kubernetes:helm:template", "render the chart with `helm template`, and use kubernetes.yaml.ConfigFile"],
  ["kubernetes:kustomize:directory", "build it with `kubectl kustomize`, and use kubernetes.yaml.ConfigFile"],
]);

const refusal = (what: string, instead: string): Error =>
  new Error(
    `${what} is not supported by this substitute of the official Kubernetes plugin: ${instead}, or ${official}`,
  );

/** @throws Error for a resource type that only the official plugin has. */
export function refuseType(urn: string): void {
  const type = typeOfUrn(urn);
  const instead = refusedTypes.get(type);
  if (instead !== undefined) throw refusal(type, instead);
}

/** @throws Error always: for a function that only the official plugin has, or that nobody has. */
export function refuseFunction(token: string): never {
  const instead = refusedFunctions.get(token);
  if (instead !== undefined) throw refusal(`function ${token}`, instead);
  throw new Error(`there is no function ${token} in the Kubernetes provider`);
}
