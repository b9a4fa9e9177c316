import * as z from "zod";
import { operatorsNamespace, strimziNamespace } from "../components/names.ts";
import type { images } from "./images.ts";
import { count, objectName } from "./fields.ts";
import { resources } from "./resources.ts";

/** What is known of an operator's releases. */
export interface Releases {
  /** Its name in messages. */
  readonly title: string;
  /** The repository of its image, which has the tag of the version. */
  readonly image: string;
  readonly tag: (version: string) => string;
  readonly manifest: (version: string) => string;
  /** Versions that fit this program: from the first, below the second. */
  readonly fits: readonly [from: string, below: string];
  /** SHA-256 of the manifests that this program was tested with. */
  readonly sha256: Readonly<Record<string, string>>;
}

export const cloudNativePgReleases: Releases = {
  title: "CloudNativePG",
  image: "ghcr.io/cloudnative-pg/cloudnative-pg",
  tag: (version) => version,
  manifest: (version) =>
    `https://raw.githubusercontent.com/cloudnative-pg/cloudnative-pg/v${version}/releases/cnpg-${version}.yaml`,
  // 1.30 has DatabaseRole and the primary's lease.
  fits: ["1.30.0", "1.31.0"],
  sha256: { "1.30.0": "f8bede43fe4ee0d478c2355b204a36876b2ae4faac60f2a9452280b293da3b88" },
};

export const barmanCloudReleases: Releases = {
  title: "the Barman Cloud plugin",
  image: "ghcr.io/cloudnative-pg/plugin-barman-cloud",
  tag: (version) => `v${version}`,
  manifest: (version) =>
    `https://raw.githubusercontent.com/cloudnative-pg/plugin-barman-cloud/v${version}/manifest.yaml`,
  fits: ["0.12.0", "1.0.0"],
  sha256: { "0.14.0": "691e598b4591e83e23586d3394a8fedef429586a01d1a1b56ab8b80e9fa6ccb0" },
};

const semver = /^(\d+)\.(\d+)\.(\d+)$/;

/** SHA-256 of no manifest: they are assets of GitHub releases, which this project could not read. */
export const strimziReleases: Releases = {
  title: "Strimzi",
  image: "quay.io/strimzi/operator",
  tag: (version) => version,
  manifest: (version) =>
    `https://github.com/strimzi/strimzi-kafka-operator/releases/download/${version}/strimzi-cluster-operator-${version}.yaml`,
  // 1.0 removed all API versions but v1. settings/strimzi-versions.ts has the known versions.
  fits: ["1.0.0", "1.3.0"],
  sha256: {},
};

/** Whether a version `X.Y.Z` is in the range. */
export function fits({ fits: [from, below] }: Releases, version: string): boolean {
  const order = (text: string) =>
    (semver.exec(text)?.slice(1) ?? []).reduce((sum, part) => sum * 10_000 + Number(part), 0);
  return semver.test(version) && order(from) <= order(version) && order(version) < order(below);
}

/** The range in words. */
export const range = ({ fits: [from, below] }: Releases): string => `at least ${from} and below ${below}`;

const operator = (releases: Releases, version: string) =>
  z.strictObject({
    mode: z
      .enum(["install", "existing"])
      .describe(
        "`install` installs it in `cnpg-system`; `existing` expects that it runs already, and checks its CRDs and version before anything is changed",
      )
      .default("install"),
    version: z
      .string()
      .regex(semver, "is not a version, such as 1.30.0")
      .describe(`version to install: ${range(releases)}`)
      .default(version),
    manifest: z
      .string()
      .min(1)
      .optional()
      .describe("URL or path of its release manifest. Default: the project's release of `version`"),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, "is not a SHA-256: 64 hexadecimal digits in lower case")
      .optional()
      .describe("SHA-256 of the manifest. Required for a version that this project does not know"),
  });

/** Checks of an operator alone. */
function versionIsUsable(releases: Releases) {
  return (given: z.output<ReturnType<typeof operator>>, context: z.core.$RefinementCtx): void => {
    if (given.mode === "existing") {
      for (const key of ["manifest", "sha256"] as const) {
        if (given[key] === undefined) continue;
        context.addIssue({
          code: "custom",
          path: [key],
          message: "has no effect on an existing operator: remove it, or set `mode` to `install`",
        });
      }
      return;
    }
    const suggestion = Object.keys(releases.sha256).at(-1);
    if (!fits(releases, given.version)) {
      const message = `does not fit this program, which needs ${range(releases)}`;
      context.addIssue({ code: "custom", path: ["version"], message, params: { suggestion } });
    } else if (given.sha256 === undefined && releases.sha256[given.version] === undefined) {
      const url = given.manifest ?? releases.manifest(given.version);
      const compute = /^https?:/.test(url) ? `curl -fsSL ${url} | sha256sum` : `sha256sum ${url}`;
      context.addIssue({
        code: "custom",
        path: ["sha256"],
        message: `is required for version ${given.version}, whose manifest this program does not know. Read it, then compute it with \`${compute}\``,
        params: { suggestion: "SHA256" },
      });
    }
  };
}

export const operators = z
  .strictObject({
    cloudNativePg: operator(cloudNativePgReleases, "1.30.0")
      .extend({
        namespace: objectName().describe("namespace of an existing operator").default(operatorsNamespace),
        deployment: objectName()
          .describe("name of an existing operator's Deployment; Helm names it `cnpg-cloudnative-pg`")
          .default("cnpg-controller-manager"),
        replicas: count(1, 5)
          .describe(
            "number of pods; one of them leads. All of them answer the webhooks, without which no Cluster can change",
          )
          .default(2),
        resources: resources(
          "each pod of the operator",
          { cpu: "100m", memory: "128Mi" },
          { cpu: "500m", memory: "512Mi" },
        ),
      })
      .superRefine(versionIsUsable(cloudNativePgReleases))
      .describe("CloudNativePG")
      .prefault({}),
    barmanCloud: operator(barmanCloudReleases, "0.14.0")
      .extend({
        certificates: z
          .string()
          .min(1)
          .describe(
            "who makes the certificates between operator and plugin: `cert-manager`, which must be in the cluster, or the path of a folder with `server.crt`, `server.key`, `client.crt` and `client.key` (PEM)",
          )
          .default("cert-manager"),
        resources: resources("the plugin", { cpu: "50m", memory: "64Mi" }, { cpu: "500m", memory: "256Mi" }),
      })
      .superRefine(versionIsUsable(barmanCloudReleases))
      .describe("The Barman Cloud plugin")
      .prefault({}),
    strimzi: operator(strimziReleases, "1.0.1")
      .extend({
        mode: z
          .enum(["install", "existing"])
          .describe(
            "`install` installs it in `strimzi`, and needs `sha256`; `existing` expects that it runs already and watches `nx-broker`, and checks its CRDs before anything is changed",
          )
          .default("existing"),
        namespace: objectName().describe("namespace of an existing operator").default(strimziNamespace),
        replicas: count(1, 5).describe("number of pods; one of them leads").default(2),
        resources: resources(
          "each pod of the operator",
          { cpu: "100m", memory: "384Mi" },
          { cpu: "1", memory: "512Mi" },
        ),
      })
      .superRefine(versionIsUsable(strimziReleases))
      .superRefine((given, context) => {
        if (given.mode === "existing" || given.namespace === strimziNamespace) return;
        context.addIssue({
          code: "custom",
          path: ["namespace"],
          message: `is for an existing operator: this program installs it in ${strimziNamespace}`,
          params: { suggestion: strimziNamespace },
        });
      })
      .describe("Strimzi")
      .prefault({}),
  })
  .superRefine(({ cloudNativePg, barmanCloud }, context) => {
    if (cloudNativePg.mode !== barmanCloud.mode) {
      context.addIssue({
        code: "custom",
        path: ["barmanCloud", "mode"],
        message: `must be the mode of CloudNativePG (${cloudNativePg.mode}), because both run in one namespace`,
        params: { suggestion: cloudNativePg.mode },
      });
    }
    if (cloudNativePg.mode === "install" && cloudNativePg.namespace !== operatorsNamespace) {
      context.addIssue({
        code: "custom",
        path: ["cloudNativePg", "namespace"],
        message: `is for an existing operator: this program installs it in ${operatorsNamespace}`,
        params: { suggestion: operatorsNamespace },
      });
    }
  });

export type OperatorsSettings = z.output<typeof operators>;

interface Settings {
  readonly operators: OperatorsSettings;
  readonly images: z.output<typeof images>;
}

/** Refuses the default image of another version than the manifest's: the program puts the image into the manifest. */
export function imagesFitOperators({ operators, images }: Settings, context: z.core.$RefinementCtx): void {
  const check = (key: "cloudNativePg" | "barmanCloud" | "barmanCloudSidecar", releases: Releases, version: string) => {
    const [, repository = "", tag] = /^(.+?)(?::([^:/@]+))?(?:@.+)?$/.exec(images[key]) ?? [];
    if (!repository.startsWith(releases.image) || tag === releases.tag(version)) return;
    context.addIssue({
      code: "custom",
      path: ["images", key],
      message: `is not the version that operators.${key === "cloudNativePg" ? key : "barmanCloud"} installs (${version})`,
      params: { suggestion: `${repository}:${releases.tag(version)}` },
    });
  };
  const { cloudNativePg, barmanCloud } = operators;
  if (cloudNativePg.mode === "install") check("cloudNativePg", cloudNativePgReleases, cloudNativePg.version);
  if (barmanCloud.mode === "install") {
    check("barmanCloud", barmanCloudReleases, barmanCloud.version);
    check("barmanCloudSidecar", barmanCloudReleases, barmanCloud.version);
  }
}
