import { type Image, PATH } from "./image.ts";
import { nodeLibraries, nodeProgram, nodeRemovals } from "./node-js.ts";

const HOME = "/app";

/** Node.js with client libraries of the data stores, for scripts mounted at /app/scripts, and kcat, a client on librdkafka. */
export const testClients: Image = {
  reference: "local.bana/test-clients:1",
  upstream: "docker.io/library/node:22",
  filesystem: {
    debian: { suite: "trixie", packages: [...nodeLibraries, "kcat"] },
    npm: { [HOME]: "test-clients" },
    removals: nodeRemovals(HOME),
    users: [{ name: "node", uid: 1000, home: "/home/node", shell: "/bin/sh" }],
    directories: { "/app/scripts": { mode: 0o755 }, "/home/node": { mode: 0o755, owner: 1000 } },
    links: { "/usr/local/bin/node": nodeProgram(HOME), "/usr/bin/awk": "mawk" },
  },
  config: { user: "node", command: ["node"], workingDirectory: HOME, env: { PATH } },
};
