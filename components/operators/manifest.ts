/** Release manifests of operators: read from a URL or a path, and checked before anything is made of them. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import type { OperatorsSettings, Settings } from "../../settings.ts";
import { barmanCloudReleases, cloudNativePgReleases, strimziReleases } from "../../settings/operators.ts";
import type { Releases } from "../../settings/operators.ts";
import { installsOperators, installsStrimzi, usesBarmanCloud } from "./installed.ts";

const TIMEOUT_MS = 30_000;

/** An object of a manifest. */
export interface ManifestObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** The objects of the manifests of the operators that this program installs. */
export interface Manifests {
  readonly cloudNativePg?: readonly ManifestObject[];
  readonly barmanCloud?: readonly ManifestObject[];
  readonly strimzi?: readonly ManifestObject[];
}

/** A manifest cannot be used. The message gives the cause and the fix. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";
}

/** Settings that name a manifest. */
export interface ManifestSettings {
  readonly version: string;
  readonly manifest?: string | undefined;
  readonly sha256?: string | undefined;
}

/**
 * Reads the manifests that the settings need; undefined if this program installs no operator.
 * @throws ManifestError if one cannot be read or has another SHA-256 than the settings
 */
export async function readManifests(settings: Settings): Promise<Manifests | undefined> {
  const [cloudNativePgIsOurs, strimziIsOurs] = [installsOperators(settings), installsStrimzi(settings)];
  if (!cloudNativePgIsOurs && !strimziIsOurs) return undefined;
  const { operators } = settings;
  const read = async (name: keyof OperatorsSettings, releases: Releases) =>
    parseManifest(await readManifest(name, releases, operators[name]));
  const [cloudNativePg, barmanCloud, strimzi] = await Promise.all([
    cloudNativePgIsOurs ? read("cloudNativePg", cloudNativePgReleases) : undefined,
    cloudNativePgIsOurs && usesBarmanCloud(settings) ? read("barmanCloud", barmanCloudReleases) : undefined,
    strimziIsOurs ? read("strimzi", strimziReleases) : undefined,
  ]);
  return { ...(cloudNativePg && { cloudNativePg }), ...(barmanCloud && { barmanCloud }), ...(strimzi && { strimzi }) };
}

/**
 * The text of a manifest.
 * @param name the setting's name below `operators`
 * @throws ManifestError if it cannot be read or has another SHA-256 than expected
 */
export async function readManifest(name: string, releases: Releases, given: ManifestSettings): Promise<string> {
  const source = given.manifest ?? releases.manifest(given.version);
  const setting = `bana-data-layer:operators.${name}`;
  const title = `The manifest of ${releases.title} ${given.version}, ${source},`;
  let bytes: Buffer;
  try {
    bytes = await read(source);
  } catch (error) {
    throw new ManifestError(
      `${title} cannot be read: ${causeOf(error)}. Nothing was changed. If this machine cannot reach it, download ` +
        `${releases.manifest(given.version)} elsewhere, and set the path of the file with ` +
        `\`pulumi config set --path ${setting}.manifest PATH\`.`,
    );
  }
  const actual = createHash("sha256").update(bytes).digest("hex");
  const expected = given.sha256 ?? releases.sha256[given.version] ?? "";
  if (actual !== expected) {
    throw new ManifestError(
      `${title} is not the expected one: its SHA-256 is ${actual}, expected ${expected}. Nothing was changed. ` +
        `Set the path of the right file with \`pulumi config set --path ${setting}.manifest PATH\`; or, after reading ` +
        `what changed, accept this one with \`pulumi config set --path ${setting}.sha256 ${actual}\`.`,
    );
  }
  return bytes.toString("utf8");
}

async function read(source: string): Promise<Buffer> {
  if (!/^https?:/.test(source)) return readFile(path.resolve(source));
  const response = await fetch(source, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`HTTP ${String(response.status)} ${response.statusText}`.trim());
  return Buffer.from(await response.arrayBuffer());
}

/** The innermost cause: `fetch` hides why it failed below "fetch failed". */
function causeOf(error: unknown): string {
  const { cause, message, code } = error as { cause?: unknown; message?: string; code?: string };
  if (cause !== undefined) return causeOf(cause);
  // For a host with several addresses, the message is empty.
  return message || (code ?? String(error));
}

/** The objects of a manifest. */
export const parseManifest = (text: string): readonly ManifestObject[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as ManifestObject | null)
    .filter((object) => object !== null);
