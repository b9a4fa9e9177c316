import type { ImageConfig } from "../artifacts/oci.ts";
import type { RootFilesystem } from "../artifacts/rootfs.ts";

/** A container image assembled on this machine, in place of one that would be pulled from a registry. */
export interface Image {
  /** What pods name. Never the upstream's name: it is not the same image. */
  readonly reference: string;
  /** The image whose interface it keeps: paths, users, entry point, environment. */
  readonly standsInFor: string;
  readonly filesystem: RootFilesystem;
  readonly config: ImageConfig;
}

/** Debian packages of a shell and the tools that scripts expect beside it. */
export const SHELL = ["base-files", "base-passwd", "coreutils", "dash", "grep", "libc-bin", "mawk", "sed"];

/** Where programs are looked for. */
export const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
