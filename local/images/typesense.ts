import { type Image, PATH } from "./image.ts";
import { nodeLibraries, nodeProgram, nodeRemovals } from "./node-js.ts";

const HOME = "/opt/typesense-stand-in";

/** A small server of ours that speaks a part of Typesense's API: see the README in `typesense-stand-in`. */
export const typesense: Image = {
  reference: "local.bana/typesense-stand-in:27.1",
  standsInFor: "docker.io/typesense/typesense:27.1",
  filesystem: {
    debian: { suite: "bookworm", packages: nodeLibraries },
    npm: { [HOME]: "typesense-stand-in" },
    copies: { [HOME]: "typesense-stand-in", "/opt/typesense-server": "typesense-stand-in/typesense-server.sh" },
    removals: nodeRemovals(HOME),
    users: [{ name: "typesense", id: 1000, home: "/", shell: "/bin/sh" }],
    directories: { "/data": { mode: 0o755, owner: 1000 } },
    links: { "/usr/local/bin/node": nodeProgram(HOME), "/usr/bin/awk": "mawk" },
  },
  config: { user: "typesense", entrypoint: ["/opt/typesense-server"], env: { PATH } },
};
