import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { barmanCloudObjects } from "../../../components/operators/barman-cloud.ts";
import { readCertificates } from "../../../components/operators/certificates.ts";
import { cloudNativePgObjects } from "../../../components/operators/cloudnative-pg.ts";
import { parseManifest, readManifest } from "../../../components/operators/manifest.ts";
import type { ManifestObject } from "../../../components/operators/manifest.ts";
import { checkRequirements, versionOf } from "../../../components/operators/requirements.ts";
import type { ClusterReader } from "../../../components/operators/requirements.ts";
import { InvalidSettings, readSettings } from "../../../settings.ts";
import type { Settings } from "../../../settings.ts";
import { cloudNativePgReleases, fits } from "../../../settings/operators.ts";

const fixture = (file: string) => path.resolve(import.meta.dirname, "../golden/operators", file);
const hash = (text: string) => createHash("sha256").update(text).digest("hex");

const onOperators = {
  cluster: { context: "any" },
  postgresql: { implementation: "cloudnative-pg" },
  objectStore: { bucket: "backups", credentials: { secret: "login" } },
};

function settingsWith(given: object): Settings {
  const config = Object.entries({ ...onOperators, ...given }).map(([key, value]) => [
    `bana-data-layer:${key}`,
    JSON.stringify(value),
  ]);
  return readSettings("bana-data-layer", Object.fromEntries(config) as Record<string, string>);
}

function problemsWith(given: object): string {
  try {
    settingsWith(given);
  } catch (error) {
    if (error instanceof InvalidSettings) return error.problems.join("\n");
    throw error;
  }
  return "";
}

describe("settings", () => {
  test("know the manifests of the default versions", () => {
    expect(problemsWith({})).toBe("");
  });

  test("of a version whose manifest is unknown need its SHA-256, and say how to compute it", () => {
    const given = { cloudNativePg: { version: "1.30.1" } };
    const images = { cloudNativePg: "ghcr.io/cloudnative-pg/cloudnative-pg:1.30.1" };
    expect(problemsWith({ operators: given, images })).toMatch(
      /operators\.cloudNativePg\.sha256 is required .* `curl -fsSL https:\S+\/v1\.30\.1\/releases\/cnpg-1\.30\.1\.yaml \| sha256sum`/,
    );
    const known = { cloudNativePg: { version: "1.30.1", sha256: "0".repeat(64) } };
    expect(problemsWith({ operators: known, images })).toBe("");
  });

  test("refuse a version that does not fit, and name the range", () => {
    expect(problemsWith({ operators: { cloudNativePg: { version: "1.31.0" } } })).toMatch(
      /at least 1\.30\.0 and below 1\.31\.0/,
    );
  });

  test("refuse the default image of another version", () => {
    const operators = { barmanCloud: { version: "0.13.0", sha256: "0".repeat(64) } };
    expect(problemsWith({ operators })).toMatch(/images\.barmanCloudSidecar: .*plugin-barman-cloud-sidecar:v0\.13\.0/);
    const images = {
      barmanCloud: "registry.example.com/plugin:1",
      barmanCloudSidecar: "registry.example.com/sidecar:1",
    };
    expect(problemsWith({ operators, images })).toBe("");
  });

  test("refuse an existing operator with a plugin of ours, a manifest for it, and another namespace for ours", () => {
    expect(problemsWith({ operators: { cloudNativePg: { mode: "existing" } } })).toMatch(
      /barmanCloud\.mode: .*existing/,
    );
    const operators = { cloudNativePg: { mode: "existing", manifest: "here" }, barmanCloud: { mode: "existing" } };
    expect(problemsWith({ operators })).toMatch(/manifest: "here" has no effect/);
    expect(problemsWith({ operators: { cloudNativePg: { namespace: "other" } } })).toMatch(/cnpg-system/);
  });
});

describe("a manifest", () => {
  const text =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: one }\n---\n---\napiVersion: v1\nkind: Secret\nmetadata: { name: two }\n";
  let folder: string;
  let server: Server;
  let url: string;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "manifest-"));
    writeFileSync(path.join(folder, "manifest.yaml"), text);
    server = createServer((request, response) => {
      response.statusCode = request.url === "/manifest.yaml" ? 200 : 404;
      response.end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  const read = (manifest: string, sha256 = hash(text)) =>
    readManifest("cloudNativePg", cloudNativePgReleases, { version: "1.30.0", manifest, sha256 });

  test("is read from a path and from a URL", async () => {
    expect(await read(path.join(folder, "manifest.yaml"))).toBe(text);
    expect(await read(`${url}/manifest.yaml`)).toBe(text);
  });

  test("that cannot be read is named, with the way over a local file", async () => {
    await expect(read(`${url}/gone.yaml`)).rejects.toThrow(/gone\.yaml, cannot be read: HTTP 404.*manifest PATH/);
    await expect(read(path.join(folder, "gone.yaml"))).rejects.toThrow(/ENOENT/);
    await expect(read("http://127.0.0.1:1/manifest.yaml")).rejects.toThrow(
      /cannot be read: (connect ECONNREFUSED|bad port)/,
    );
  });

  test("with another SHA-256 is refused, with the actual and the expected one", async () => {
    const expected = "0".repeat(64);
    await expect(read(`${url}/manifest.yaml`, expected)).rejects.toThrow(
      new RegExp(`manifest\\.yaml, is not the expected one: its SHA-256 is ${hash(text)}, expected ${expected}`),
    );
  });

  test("may have empty documents", () => {
    expect(parseManifest(text).map(({ kind }) => kind)).toEqual(["ConfigMap", "Secret"]);
  });
});

interface Deployment {
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly metadata: { readonly labels: object; readonly annotations?: object };
      readonly spec: { readonly nodeSelector?: object; readonly containers: readonly [Record<string, unknown>] };
    };
  };
}

const deploymentOf = (objects: readonly ManifestObject[]) =>
  objects.find(({ kind }) => kind === "Deployment") as unknown as Deployment;

const pool = { nodeSelector: { pool: "default" }, tolerations: [] };

describe("CloudNativePG's objects", () => {
  const manifest = parseManifest(readFileSync(fixture("cloudnative-pg.yaml"), "utf8"));
  const objectsWith = (replicas: number) => {
    const settings = { ...settingsWith({}).operators.cloudNativePg, replicas };
    return cloudNativePgObjects({ manifest, settings, image: "mirror/operator:1.30.0", pool });
  };

  test("have our image, also for the instances, our replicas, resources and pool, and restricted Pod Security", () => {
    const { spec } = deploymentOf(objectsWith(2));
    expect(spec.replicas).toBe(2);
    expect(spec.template.spec.nodeSelector).toEqual(pool.nodeSelector);
    expect(spec.template.spec.containers[0]).toMatchObject({
      image: "mirror/operator:1.30.0",
      imagePullPolicy: "IfNotPresent",
      env: expect.arrayContaining([{ name: "OPERATOR_IMAGE_NAME", value: "mirror/operator:1.30.0" }]) as unknown,
      resources: { requests: { cpu: "100m" }, limits: { memory: "512Mi" } },
      securityContext: {
        runAsUser: 10001,
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      },
    });
  });

  test("lack the Namespace, and have a disruption budget only for several pods", () => {
    const kinds = (replicas: number) => objectsWith(replicas).map(({ kind }) => kind);
    expect(kinds(1)).not.toContain("Namespace");
    expect(kinds(1)).not.toContain("PodDisruptionBudget");
    expect(kinds(2)).toContain("PodDisruptionBudget");
  });

  test("all have the common labels, and the Deployment's selector is the manifest's", () => {
    for (const { metadata } of objectsWith(2)) {
      expect(metadata.labels).toMatchObject({ "app.kubernetes.io/part-of": "bana-data-layer" });
    }
    expect(deploymentOf(objectsWith(2)).spec).toMatchObject({
      selector: { matchLabels: { "app.kubernetes.io/name": "cloudnative-pg" } },
    });
  });

  test("of a manifest without a variable that names an image are refused", () => {
    const other = manifest.map((object) =>
      object.kind === "Deployment"
        ? (JSON.parse(JSON.stringify(object).replace("OPERATOR_IMAGE_NAME", "OTHER")) as ManifestObject)
        : object,
    );
    const settings = settingsWith({}).operators.cloudNativePg;
    expect(() => cloudNativePgObjects({ manifest: other, settings, image: "a:1", pool })).toThrow(
      /lacks the variable OPERATOR_IMAGE_NAME/,
    );
  });
});

describe("the Barman Cloud plugin's objects", () => {
  const manifest = parseManifest(readFileSync(fixture("barman-cloud.yaml"), "utf8"));
  const objectsWith = (certificates?: string) =>
    barmanCloudObjects({
      manifest,
      settings: settingsWith({}).operators.barmanCloud,
      image: "plugin:1",
      sidecarImage: "sidecar:1",
      pool,
      ...(certificates !== undefined && { certificates }),
    });

  test("name the sidecar's image in a variable instead of a Secret, and have all probes", () => {
    expect(objectsWith().map(({ kind }) => kind)).not.toContain("Secret");
    expect(deploymentOf(objectsWith()).spec.template.spec.containers[0]).toMatchObject({
      image: "plugin:1",
      env: [{ name: "SIDECAR_IMAGE", value: "sidecar:1" }],
      startupProbe: { tcpSocket: { port: 9090 } },
      livenessProbe: { httpGet: { port: 8081 } },
    });
  });

  test("have cert-manager's certificates, unless they come from files, whose change restarts the pod", () => {
    expect(objectsWith().map(({ kind }) => kind)).toContain("Certificate");
    const own = objectsWith("checksum");
    expect(own.map(({ kind }) => kind)).not.toContain("Certificate");
    expect(deploymentOf(own).spec.template.metadata.annotations).toEqual({ "checksum/certificates": "checksum" });
  });
});

test("certificates that cannot be used are named with their folder", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "certificates-"));
  expect(() => readCertificates(folder)).toThrow(/server\.crt cannot be read/);
  writeFileSync(path.join(folder, "server.crt"), "text");
  expect(() => readCertificates(folder)).toThrow(/server\.crt is no certificate in PEM format/);
  rmSync(folder, { recursive: true });
});

describe("what the cluster must have", () => {
  const existing = {
    operators: { cloudNativePg: { mode: "existing", namespace: "postgres" }, barmanCloud: { mode: "existing" } },
  };
  const cluster = (images: Readonly<Record<string, string>>, missing?: string): ClusterReader => ({
    servedVersions: (crd) => Promise.resolve(crd === missing ? undefined : ["v1"]),
    imageOf: (namespace, deployment) => Promise.resolve(images[`${namespace}/${deployment}`]),
  });
  const fitting = {
    "postgres/cnpg-controller-manager": "ghcr.io/cloudnative-pg/cloudnative-pg:1.30.2",
    "postgres/barman-cloud": "ghcr.io/cloudnative-pg/plugin-barman-cloud:v0.12.1",
  };

  test("is there with operators that fit", async () => {
    await expect(checkRequirements(cluster(fitting), settingsWith(existing))).resolves.toBeUndefined();
  });

  test("is a Deployment of a version that fits", async () => {
    const old = { ...fitting, "postgres/cnpg-controller-manager": "cloudnative-pg:1.28.0" };
    await expect(checkRequirements(cluster(old), settingsWith(existing))).rejects.toThrow(
      /has version 1\.28\.0, and this program needs at least 1\.30\.0 and below 1\.31\.0/,
    );
    await expect(checkRequirements(cluster({}), settingsWith(existing))).rejects.toThrow(
      /no Deployment cnpg-controller-manager in namespace postgres[^]*no Deployment barman-cloud/,
    );
  });

  test("is all kinds in the version that this program uses", async () => {
    await expect(
      checkRequirements(cluster(fitting, "objectstores.barmancloud.cnpg.io"), settingsWith(existing)),
    ).rejects.toThrow(/operators\.barmanCloud: the CRDs objectstores\.barmancloud\.cnpg\.io are missing/);
    const alpha = { ...cluster(fitting), servedVersions: () => Promise.resolve(["v1alpha1"]) };
    await expect(checkRequirements(alpha, settingsWith(existing))).rejects.toThrow(/serves v1alpha1, not v1/);
  });

  test("is cert-manager, if it makes the certificates of an installed plugin", async () => {
    const without = cluster({}, "issuers.cert-manager.io");
    await expect(checkRequirements(without, settingsWith({}))).rejects.toThrow(/issuers\.cert-manager\.io are missing/);
    const files = settingsWith({ operators: { barmanCloud: { certificates: "folder" } } });
    await expect(checkRequirements(without, files)).resolves.toBeUndefined();
    const unused = settingsWith({ postgresql: {}, objectStore: {} });
    await expect(checkRequirements(without, unused)).resolves.toBeUndefined();
  });
});

test.each([
  ["ghcr.io/cloudnative-pg/cloudnative-pg:1.30.0", "1.30.0"],
  ["localhost:5000/cloudnative-pg:1.30.1-ubi9", "1.30.1"],
  [`ghcr.io/cloudnative-pg/plugin-barman-cloud:v0.14.0@sha256:${"0".repeat(64)}`, "0.14.0"],
  [`ghcr.io/cloudnative-pg/cloudnative-pg@sha256:${"0".repeat(64)}`, undefined],
  ["ghcr.io/cloudnative-pg/cloudnative-pg:main", undefined],
])("the version of the image %s is %s", (image, version) => {
  expect(versionOf(image)).toBe(version);
});

test.each([
  ["1.29.9", false],
  ["1.30.0", true],
  ["1.30.12", true],
  ["1.31.0", false],
  ["2.0.0", false],
])("CloudNativePG %s fits: %s", (version, expected) => {
  expect(fits(cloudNativePgReleases, version)).toBe(expected);
});
