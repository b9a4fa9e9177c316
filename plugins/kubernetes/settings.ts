/** The provider's settings: what a `kubernetes.Provider` or the `kubernetes:` configuration of a stack says. */
import { typeOfUrn } from "./kinds.ts";
import { activeCluster, readKubeconfig, type KubeconfigChoice } from "./kubeconfig.ts";
import { at, equal, Secret, text, Unknown, type Fields, type Value } from "./values.ts";

export interface Settings extends KubeconfigChoice {
  /** Apply on the server, which knows who owns each field. @default true */
  readonly enableServerSideApply: boolean;
  /** Take over fields that another manager owns. @default false */
  readonly enablePatchForce: boolean;
  /** Let a create take over an existing object. @default false */
  readonly upsertExistingObjects: boolean;
  /** Update ConfigMaps in place, instead of replacing them. @default false */
  readonly enableConfigMapMutable: boolean;
  /** Update Secrets in place, instead of replacing them. @default false */
  readonly enableSecretMutable: boolean;
  /** Drop resources of an unreachable cluster from the state. @default false */
  readonly deleteUnreachable: boolean;
  /** Leave resources of an unreachable cluster as they are in the state. @default false */
  readonly skipUpdateUnreachable: boolean;
  /** @default false */
  readonly suppressDeprecationWarnings: boolean;
}

/** A setting that has no effect without Helm is accepted: the Helm resources themselves are refused. */
const accepted = new Set([
  "alwaysRender",
  "cluster",
  "clusterIdentifier",
  "context",
  "deleteUnreachable",
  "enableConfigMapMutable",
  "enablePatchForce",
  "enableSecretMutable",
  "enableServerSideApply",
  "helmReleaseSettings",
  "kubeClientSettings",
  "kubeconfig",
  "namespace",
  "rejectUnknownResources",
  "renderYamlToDirectory",
  "skipUpdateUnreachable",
  "strictMode",
  "suppressDeprecationWarnings",
  "suppressHelmHookWarnings",
  "upsertExistingObjects",
]);
/** Settings of Pulumi's own, in the same bag. */
const reserved = new Set(["version", "pluginDownloadURL", "pluginChecksums", "__internal", "name"]);

export interface Problem {
  readonly property: string;
  readonly reason: string;
}

const isOn = (value: Value | undefined): boolean => value === true || value === "true";

/** What is wrong with the inputs of a provider resource, or with the configuration of a default provider. */
export function settingsProblems(inputs: Fields, urn: string): Problem[] {
  const problems: Problem[] = [];
  const plain = (name: string): Value | undefined => {
    const value = inputs[name];
    return value instanceof Secret ? value.value : value;
  };
  for (const name of Object.keys(inputs)) {
    if (!accepted.has(name) && !reserved.has(name)) {
      problems.push({ property: name, reason: `there is no provider setting "${name}"; remove it` });
    }
  }
  if ((plain("renderYamlToDirectory") ?? "") !== "") {
    problems.push({
      property: "renderYamlToDirectory",
      reason:
        "rendering to files is not supported by this substitute of the official plugin: unset it, or install the plugin with `pulumi plugin install resource kubernetes 4.32.0`",
    });
  }
  if (isOn(plain("alwaysRender")) && (plain("renderYamlToDirectory") ?? "") === "") {
    problems.push({ property: "alwaysRender", reason: '"alwaysRender" requires "renderYamlToDirectory" to be set' });
  }
  if (isOn(plain("strictMode")) && typeOfUrn(urn).startsWith("pulumi:providers:")) {
    if (/::default(_[^:]*)?$/.test(urn))
      problems.push({ property: "", reason: "strict mode prohibits default provider" });
    for (const name of ["kubeconfig", "context"]) {
      if ((plain(name) ?? "") === "") {
        problems.push({ property: name, reason: `strict mode requires Provider "${name}" argument` });
      }
    }
  }
  return problems;
}

/**
 * Settings from the variables of a Configure request, with the environment variables that the official plugin reads.
 * @param variables Names without the `kubernetes:config:` prefix.
 */
export function parseSettings(
  variables: ReadonlyMap<string, string>,
  environment: Readonly<Record<string, string | undefined>>,
): Settings {
  const flag = (name: string, environmentName: string, otherwise: boolean): boolean => {
    const value = variables.get(name) ?? environment[environmentName];
    return value === undefined ? otherwise : value === "true";
  };
  return {
    kubeconfig: variables.get("kubeconfig") || undefined,
    context: variables.get("context") || undefined,
    cluster: variables.get("cluster") || undefined,
    namespace: variables.get("namespace") || undefined,
    enableServerSideApply: flag("enableServerSideApply", "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY", true),
    enablePatchForce: flag("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE", false),
    upsertExistingObjects: flag("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS", false),
    enableConfigMapMutable: flag("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE", false),
    enableSecretMutable: flag("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE", false),
    deleteUnreachable: flag("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE", false),
    skipUpdateUnreachable: flag("skipUpdateUnreachable", "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE", false),
    suppressDeprecationWarnings: flag("suppressDeprecationWarnings", "PULUMI_K8S_SUPPRESS_DEPRECATION_WARNINGS", false),
  };
}

export interface SettingsDiff {
  readonly diffs: string[];
  readonly replaces: string[];
}

/**
 * What a change of settings does to the resources of a provider: all are replaced when it points at another cluster.
 * A `clusterIdentifier`, when given before and after, decides that alone.
 */
export function diffSettings(olds: Fields, news: Fields): SettingsDiff {
  const names = [...new Set([...Object.keys(olds), ...Object.keys(news)])].sort();
  const diffs = names.filter((name) => !equal(olds[name], news[name]));
  if (diffs.length === 0) return { diffs, replaces: [] };

  const [before, after] = [olds["clusterIdentifier"], news["clusterIdentifier"]];
  if (before !== undefined && after !== undefined) {
    return { diffs, replaces: diffs.includes("clusterIdentifier") ? ["clusterIdentifier"] : [] };
  }
  const location = ["kubeconfig", "context", "cluster"];
  const notKnown = location.find((name) => news[name] instanceof Unknown);
  if (notKnown !== undefined) return { diffs: [notKnown], replaces: [notKnown] };

  const [oldCluster, newCluster] = [clusterOf(olds), clusterOf(news)];
  const moved = oldCluster !== undefined && newCluster !== undefined && !equal(oldCluster, newCluster);
  const replaces = moved ? location.filter((name) => diffs.includes(name)) : [];
  if (diffs.includes("renderYamlToDirectory")) replaces.push("renderYamlToDirectory");
  return { diffs, replaces };
}

function clusterOf(settings: Fields): Fields | undefined {
  const kubeconfig = at(settings, "kubeconfig");
  const value = kubeconfig instanceof Secret ? kubeconfig.value : kubeconfig;
  if (typeof value !== "string" || value === "") return undefined;
  try {
    const config = readKubeconfig(value);
    return config === undefined
      ? undefined
      : activeCluster(config, {
          context: text(settings, "context") || undefined,
          cluster: text(settings, "cluster") || undefined,
        });
  } catch {
    // The kubeconfig of a cluster that is gone may be gone too; Configure reports one that is needed.
    return undefined;
  }
}
