import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import type { PhaseLog } from "../report.ts";
import { run } from "./command.ts";

/** Runtime configuration of an image. */
export interface ImageConfig {
  /** `uid` or `uid:gid`. @default root */
  readonly user?: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** @default / */
  readonly workingDirectory?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

// Fixed order and modification times, so that the same content gives the same digest.
const REPRODUCIBLE = ["--sort=name", "--mtime=@0", "--numeric-owner", "--format=gnu"];
const CREATED = new Date(0).toISOString();

/**
 * Packs the directory `root` as an OCI image with one uncompressed layer into `archive`. `ctr images import` stores it
 * as `reference`. Uses a temporary directory next to the archive.
 * @returns the digest of the image's manifest
 */
export async function packImage(
  log: PhaseLog,
  root: string,
  reference: string,
  config: ImageConfig,
  archive: string,
): Promise<string> {
  const layout = `${archive}.layout`;
  const blobs = path.join(layout, "blobs/sha256");
  await mkdir(blobs, { recursive: true });

  const layerFile = path.join(layout, "layer");
  await run(log, { argv: ["tar", "--create", ...REPRODUCIBLE, "--file", layerFile, "--directory", root, "."] });
  const layer = await descriptorOf("application/vnd.oci.image.layer.v1.tar", layerFile);
  await rename(layerFile, path.join(blobs, layer.digest.slice("sha256:".length)));

  const configBlob = await writeBlob(blobs, "application/vnd.oci.image.config.v1+json", {
    created: CREATED,
    architecture: { x64: "amd64" }[process.arch as string] ?? process.arch,
    os: "linux",
    config: {
      User: config.user,
      Entrypoint: config.entrypoint,
      Cmd: config.command,
      Env: Object.entries(config.env ?? {}).map(([name, value]) => `${name}=${value}`),
      WorkingDir: config.workingDirectory ?? "/",
      Labels: config.labels,
    },
    // For an uncompressed layer, the diff ID equals the digest.
    rootfs: { type: "layers", diff_ids: [layer.digest] },
    history: [{ created: CREATED, created_by: reference }],
  });
  const manifest = await writeBlob(blobs, "application/vnd.oci.image.manifest.v1+json", {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: configBlob,
    layers: [layer],
  });
  const annotations = {
    "io.containerd.image.name": reference,
    "org.opencontainers.image.ref.name": reference.slice(reference.lastIndexOf(":") + 1),
  };
  await writeFile(path.join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  await writeFile(
    path.join(layout, "index.json"),
    JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: [{ ...manifest, annotations }],
    }),
  );
  await run(log, {
    argv: [
      "tar",
      "--create",
      ...REPRODUCIBLE,
      "--file",
      archive,
      "--directory",
      layout,
      "oci-layout",
      "index.json",
      "blobs",
    ],
  });
  await rm(layout, { recursive: true });
  return manifest.digest;
}

async function writeBlob(blobs: string, mediaType: string, content: object): Promise<Descriptor> {
  const file = path.join(blobs, "blob");
  await writeFile(file, JSON.stringify(content));
  const descriptor = await descriptorOf(mediaType, file);
  await rename(file, path.join(blobs, descriptor.digest.slice("sha256:".length)));
  return descriptor;
}

async function descriptorOf(mediaType: string, file: string): Promise<Descriptor> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return { mediaType, digest: `sha256:${hash.digest("hex")}`, size: (await stat(file)).size };
}
