import { SHELL } from "./image.ts";

// npm package that contains the Node.js binary for this architecture.
const PACKAGE = `node-linux-${process.arch}`;

/** System libraries that the Node.js binary needs, and a shell. */
export const nodeLibraries = [...SHELL, "libatomic1", "libstdc++6"];

/** Path of the Node.js binary below a directory of npm packages. */
export function nodeProgram(directory: string): string {
  return `${directory}/node_modules/${PACKAGE}/bin/node`;
}

/** Unused files of that package, half the size of the binary. */
export function nodeRemovals(directory: string): string[] {
  return ["include", "share", "CHANGELOG.md"].map((name) => `${directory}/node_modules/${PACKAGE}/${name}`);
}
