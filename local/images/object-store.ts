import type { Image } from "./image.ts";

/** Versity's gateway: S3 on a directory. */
export const objectStore: Image = {
  reference: "local.bana/go-versitygw:1.8.0",
  upstream: "docker.io/versity/versitygw:v1.8.0",
  filesystem: { binaries: { "/versitygw": "versitygw" }, directories: { "/tmp": { mode: 0o1777 } } },
  config: { user: "65532:65532", entrypoint: ["/versitygw"] },
};
