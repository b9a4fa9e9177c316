import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import type { ImageArchive } from "../artifacts/artifacts.ts";

const run = promisify(execFile);
const ARCHIVE_LABEL = "local.bana/archive";
// The kubelet's own mark for what its garbage collection must leave alone.
const PINNED_LABEL = "io.cri-containerd.pinned=pinned";
const IMPORT_MS = 120_000;
const CONNECT_S = 30;

/** The images of `wanted` that the node does not hold as they are now. Waits for a containerd that has just started. */
export async function missingImages(pid: number, wanted: readonly ImageArchive[]): Promise<readonly ImageArchive[]> {
  const { stdout } = await ctr(pid, `--connect-timeout=${CONNECT_S}s`, "images", "list");
  const held = stdout.split("\n");
  return wanted.filter(
    ({ reference, archive }) =>
      !held.some((line) => line.startsWith(`${reference} `) && line.includes(`${ARCHIVE_LABEL}=${keyOf(archive)}`)),
  );
}

/** Imports an image into the node's containerd; the label that says so comes last. */
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
