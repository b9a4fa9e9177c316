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

/** Debian packages of a shell and the tools that scripts expect beside it: dash and GNU's, of the images that are not Alpine's. */
export const SHELL = ["base-files", "base-passwd", "coreutils", "dash", "grep", "libc-bin", "mawk", "sed"];

/**
 * What has the place of Alpine's userland: BusyBox, with the few programs that Debian's build of it lacks. The package
 * `busybox-static` would not do: its shell prefers its own applets to the programs on PATH.
 */
export const BUSYBOX = {
  packages: ["base-files", "base-passwd", "busybox", "libc-bin"],
  /** What Debian's other packages depend on, and BusyBox does. */
  only: { debianutils: [], mawk: [], passwd: [], "sysvinit-utils": [], "util-linux": [], "util-linux-extra": [] },
  /** Makes a link of each applet's name, as Alpine does, unless there is a program of that name. */
  setup: ["/usr/bin/busybox", "--install", "-s"],
} as const;

/** In Alpine an applet of BusyBox, which Debian's lacks. */
export const FLOCK = { "util-linux": ["usr/bin/flock"] };

/** Where programs are looked for. */
export const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
