/** What must be in the cluster before anything is changed: CRDs and operators that somebody else installs. */
import type { Settings } from "../../settings.ts";
import { barmanCloudReleases, cloudNativePgReleases, fits, range, strimziReleases } from "../../settings/operators.ts";
import type { Releases } from "../../settings/operators.ts";
import { kafkaVersionsOf, strimziVersionsFor } from "../../settings/strimzi-versions.ts";
import { installsOperators, installsStrimzi, usesBarmanCloud, usesCloudNativePg, usesStrimzi } from "./installed.ts";

/** What a cluster has. */
export interface ClusterReader {
  /** The versions that a CustomResourceDefinition serves; undefined if there is none of this name. */
  servedVersions(crd: string): Promise<readonly string[] | undefined>;
  /** The image of a Deployment's first container; undefined if there is no such Deployment. */
  imageOf(namespace: string, deployment: string): Promise<string | undefined>;
}

/** The cluster lacks what the settings expect. The message lists all of it, each with the fix. */
export class MissingOperator extends Error {
  override readonly name = "MissingOperator";

  constructor(problems: readonly string[]) {
    super(
      "The cluster lacks what the settings expect; nothing was changed.\n" +
        problems.map((problem) => `  - ${problem}`).join("\n"),
    );
  }
}

/** Kinds whose objects this program makes, by the operator that serves them. */
const cloudNativePgCrds = ["clusters", "poolers", "databases", "publications", "backups", "scheduledbackups"].map(
  (plural) => `${plural}.postgresql.cnpg.io`,
);
const barmanCloudCrds = ["objectstores.barmancloud.cnpg.io"];
const strimziCrds = ["kafkas", "kafkanodepools", "kafkatopics", "kafkausers", "kafkarebalances"].map(
  (plural) => `${plural}.kafka.strimzi.io`,
);
const certManagerCrds = ["certificates.cert-manager.io", "issuers.cert-manager.io"];

/** The version of all these kinds that this program uses. */
const apiVersion = "v1";

/** The name of the plugin's Deployment in its manifest and in its Helm chart. */
const barmanCloudDeployment = "barman-cloud";

/** The name of Strimzi's Deployment in its manifest and in its Helm chart. */
const strimziDeployment = "strimzi-cluster-operator";

/**
 * @throws MissingOperator if an operator with `mode: existing`, or cert-manager if the plugin's certificates are its,
 *   is missing or has a version that does not fit
 */
export async function checkRequirements(cluster: ClusterReader, settings: Settings): Promise<void> {
  const problems = await missing(cluster, settings);
  if (problems.length > 0) throw new MissingOperator(problems);
}

const missing = async (cluster: ClusterReader, settings: Settings): Promise<readonly string[]> => [
  ...(await missingForPostgresql(cluster, settings)),
  ...(usesStrimzi(settings) && !installsStrimzi(settings) ? await missingStrimzi(cluster, settings) : []),
];

/** Strimzi, and whether its version runs the Kafka of the settings. */
async function missingStrimzi(cluster: ClusterReader, { operators, kafka }: Settings): Promise<readonly string[]> {
  const { namespace } = operators.strimzi;
  const problems = await missingOperator(cluster, "strimzi", strimziReleases, {
    crds: strimziCrds,
    namespace,
    deployment: strimziDeployment,
    install: "or let this program install it: set operators.strimzi.mode to `install`",
    elsewhere: "set operators.strimzi.namespace",
  });
  const version = versionOf((await cluster.imageOf(namespace, strimziDeployment)) ?? "");
  const supported = version === undefined ? undefined : kafkaVersionsOf[version];
  if (supported === undefined || kafka.strimzi.version in supported) return problems;
  return [
    ...problems,
    `kafka.strimzi.version: ${kafka.strimzi.version} is not run by Strimzi ${String(version)} in namespace ${namespace}, which runs ` +
      `${Object.keys(supported).join(", ")}. Choose one of them, or install Strimzi ${strimziVersionsFor(kafka.strimzi.version).join(" or ")}`,
  ];
}

async function missingForPostgresql(cluster: ClusterReader, settings: Settings): Promise<readonly string[]> {
  if (!usesCloudNativePg(settings)) return [];
  const { cloudNativePg, barmanCloud } = settings.operators;
  if (installsOperators(settings)) {
    if (!usesBarmanCloud(settings) || barmanCloud.certificates !== "cert-manager") return [];
    const problems = await missingCrds(cluster, certManagerCrds);
    return problems.map(
      (problem) =>
        `cert-manager: ${problem}. Install cert-manager 1.x, or give the certificates as files with ` +
        "`pulumi config set --path bana-data-layer:operators.barmanCloud.certificates FOLDER`",
    );
  }
  const { namespace, deployment } = cloudNativePg;
  const fixes = {
    install:
      "or let this program install it: set operators.cloudNativePg.mode and operators.barmanCloud.mode to `install`",
    elsewhere: "set operators.cloudNativePg.namespace and operators.cloudNativePg.deployment",
  };
  return [
    ...(await missingOperator(cluster, "cloudNativePg", cloudNativePgReleases, {
      crds: cloudNativePgCrds,
      namespace,
      deployment,
      ...fixes,
    })),
    ...(usesBarmanCloud(settings)
      ? await missingOperator(cluster, "barmanCloud", barmanCloudReleases, {
          crds: barmanCloudCrds,
          namespace,
          deployment: barmanCloudDeployment,
          ...fixes,
        })
      : []),
  ];
}

interface Expected {
  readonly crds: readonly string[];
  readonly namespace: string;
  readonly deployment: string;
  /** How to have the operator installed. */
  readonly install: string;
  /** What to set if it runs in another place. */
  readonly elsewhere: string;
}

async function missingOperator(
  cluster: ClusterReader,
  name: string,
  releases: Releases,
  { crds, namespace, deployment, install, elsewhere }: Expected,
): Promise<readonly string[]> {
  const fix = `Install a version of ${range(releases)}, ${install}`;
  const problems = (await missingCrds(cluster, crds)).map((problem) => `operators.${name}: ${problem}. ${fix}`);
  const image = await cluster.imageOf(namespace, deployment);
  if (image === undefined) {
    return [
      ...problems,
      `operators.${name}: there is no Deployment ${deployment} in namespace ${namespace}. ${fix}; if it runs elsewhere, ` +
        elsewhere,
    ];
  }
  const version = versionOf(image);
  if (version === undefined) {
    return [
      ...problems,
      `operators.${name}: the image ${image} of Deployment ${namespace}/${deployment} has no version in its tag. Use the ` +
        `release's tag, with a digest if you need one`,
    ];
  }
  if (fits(releases, version)) return problems;
  return [
    ...problems,
    `operators.${name}: Deployment ${namespace}/${deployment} has version ${version}, and this program needs ` +
      `${range(releases)}. Install such a version, ${install}`,
  ];
}

async function missingCrds(cluster: ClusterReader, crds: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(crds.map(async (crd) => ({ crd, versions: await cluster.servedVersions(crd) })));
  const absent = found.filter(({ versions }) => versions === undefined).map(({ crd }) => crd);
  const old = found.filter(({ versions }) => versions !== undefined && !versions.includes(apiVersion));
  return [
    ...(absent.length > 0 ? [`the CRDs ${absent.join(", ")} are missing`] : []),
    ...old.map(({ crd, versions = [] }) => `the CRD ${crd} serves ${versions.join(", ")}, not ${apiVersion}`),
  ];
}

/** The version in an image's tag: `1.30.0` of `…:1.30.0-ubi9@sha256:…`, and of `…:v1.30.0`. */
export const versionOf = (image: string): string | undefined =>
  /:v?(\d+\.\d+\.\d+)(?:-[A-Za-z0-9.]+)?(?:@sha256:[0-9a-f]+)?$/.exec(image)?.[1];
