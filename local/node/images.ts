import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import type { ImageArchive } from "../artifacts/artifacts.ts";

const run = promisify(execFile);
const ARCHIVE_LABEL = "local.bana/archive";
// Excludes the image from the kubelet's image garbage collection.
const PINNED_LABEL = "io.cri-containerd.pinned=pinned";
const IMPORT_MS = 120_000;
const CONNECT_S = 30;

/** Images that containerd does not have in their current version. Waits up to 30 s for containerd to start. */
export async function missingImages(pid: number, images: readonly ImageArchive[]): Promise<readonly ImageArchive[]> {
  const { stdout } = await ctr(pid, `--connect-timeout=${CONNECT_S}s`, "images", "list");
  const present = stdout.split("\n");
  return images.filter(
    ({ reference, archive }) =>
      !present.some((line) => line.startsWith(`${reference} `) && line.includes(`${ARCHIVE_LABEL}=${keyOf(archive)}`)),
  );
}

/** Imports an image into containerd, then labels it: an interrupted import has no label and is repeated. */
export async function importImage(pid: number, { reference, archive }: ImageArchive): Promise<void> {
  await ctr(pid, "images", "import", archive);
  await ctr(pid, "images", "label", reference, PINNED_LABEL, `${ARCHIVE_LABEL}=${keyOf(archive)}`);
}

function keyOf(archive: string): string {
  return createHash("sha256").update(archive).digest("hex").slice(0, 16);
}

function ctr(pid: number, ...args: string[]) {
  const inNode = ["--target", String(pid), "--mount", "--", "ctr", "--namespace", "k8s.io"];
  const env = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };
  return run("nsenter", [...inNode, ...args], { env, timeout: IMPORT_MS, maxBuffer: 2 ** 24 });
}
