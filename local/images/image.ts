import type { ImageConfig } from "../artifacts/oci.ts";
import type { RootFilesystem } from "../artifacts/rootfs.ts";

/** A container image assembled on this machine instead of being pulled from a registry. */
export interface Image {
  /** Reference for pods. Differs from the upstream reference, because the image differs. */
  readonly reference: string;
  /** The image that this one substitutes, with the same paths, users, entry point and environment. */
  readonly upstream: string;
  readonly filesystem: RootFilesystem;
  readonly config: ImageConfig;
}

/** Debian packages of a shell (dash) and GNU tools, for substitutes of images that are not based on Alpine. */
export const SHELL = ["base-files", "base-passwd", "coreutils", "dash", "grep", "libc-bin", "mawk", "sed"];

/**
 * Substitute for Alpine's userland: BusyBox, and the few programs that Debian's BusyBox lacks. The shell of the package
 * `busybox-static` would not do: it prefers its own applets to programs on PATH.
 */
export const BUSYBOX = {
  packages: ["base-files", "base-passwd", "busybox", "libc-bin"],
  /** Dependencies of other Debian packages that BusyBox replaces. */
  onlyPaths: { debianutils: [], mawk: [], passwd: [], "sysvinit-utils": [], "util-linux": [], "util-linux-extra": [] },
  /** Creates a link for each applet, as in Alpine, unless a program of that name exists. */
  setup: ["/usr/bin/busybox", "--install", "-s"],
} as const;

/** A BusyBox applet in Alpine, but not in Debian. */
export const FLOCK = { "util-linux": ["usr/bin/flock"] };

export const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
