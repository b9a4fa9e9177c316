import { SHELL } from "./image.ts";

// npm's package with Node.js itself, named by the machine's architecture as Node.js names it.
const PACKAGE = `node-linux-${process.arch}`;

/** The libraries that npm's Node.js takes from the system, and a shell. */
export const nodeLibraries = [...SHELL, "libatomic1", "libstdc++6"];

/** The program of Node.js in a directory of npm packages. */
export function nodeProgram(directory: string): string {
  return `${directory}/node_modules/${PACKAGE}/bin/node`;
}

/** What is with that program and takes half as much room again. */
export function nodeRemovals(directory: string): string[] {
  return ["include", "share", "CHANGELOG.md"].map((name) => `${directory}/node_modules/${PACKAGE}/${name}`);
}
