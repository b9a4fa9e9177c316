import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { sourceDigest, sourcePath } from "../artifacts/sources.ts";
import { goInputs } from "../artifacts/go.ts";
import { goCommands } from "./commands.ts";
import { images } from "./list.ts";
import { nodeFilesystem } from "./node.ts";

const filesystems = [{ reference: "node", filesystem: nodeFilesystem }, ...images];

test("references are unique, tagged, and never those of the images they stand in for", () => {
  expect(new Set(images.map(({ reference }) => reference)).size).toBe(images.length);
  for (const { reference, standsInFor } of images) {
    expect(reference).toMatch(/^local\.bana\/[a-z0-9-]+:[a-z0-9.]+$/);
    expect(standsInFor).toMatch(/^[a-z0-9.-]+\.[a-z]+\/[a-z0-9/-]+:[A-Za-z0-9.-]+$/);
  }
});

test.each(filesystems)("$reference: paths are absolute and normal, packages are named once", ({ filesystem }) => {
  const { binaries = {}, maven = {}, pip = {}, copies = {}, directories = {}, files = {}, links = {} } = filesystem;
  for (const place of [binaries, maven, pip, copies, directories, files, links].flatMap(Object.keys)) {
    expect(path.posix.isAbsolute(place)).toBe(true);
    expect(path.posix.normalize(place)).toBe(place);
  }
  const packages = filesystem.debian?.packages ?? [];
  expect(new Set(packages).size).toBe(packages.length);
});

test.each(filesystems)(
  "$reference: contained binaries are commands that are built",
  ({ filesystem: { binaries = {} } }) => {
    const names: readonly string[] = goCommands.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(Object.values(binaries)));
  },
);

test("every image has something to run", () => {
  for (const { config } of images) expect([...(config.entrypoint ?? []), ...(config.command ?? [])]).not.toEqual([]);
});

test("what a Go command is made from depends on its sources and versions", () => {
  const inputs = goCommands.map((command) => JSON.stringify(goInputs(command)));
  expect(new Set(inputs).size).toBe(goCommands.length);
});

test.each(filesystems)("$reference: what it takes from this folder is there", ({ filesystem }) => {
  const { maven = {}, pip = {}, copies = {} } = filesystem;
  for (const name of [maven, pip, copies].flatMap(Object.values<string>)) {
    expect(existsSync(sourcePath(name))).toBe(true);
    expect(sourceDigest(name)).toMatch(/^[0-9a-f]{16}$/);
  }
});

test.each(images.flatMap(({ filesystem: { maven = {} } }) => Object.values(maven)))("%s pins every version", (pom) => {
  const text = readFileSync(sourcePath(pom), "utf8").replace(/<exclusions>[^]*?<\/exclusions>/g, "");
  const declared = text.match(/<artifactId>/g) ?? [];
  const versions = text.match(/<version>[^<]*\d[^<]*<\/version>|<version>\$\{[a-z0-9.]+\}<\/version>/g) ?? [];
  expect(versions).toHaveLength(declared.length);
  expect(text).not.toMatch(/SNAPSHOT|LATEST|RELEASE|\[|<repositor/);
});
