import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { sourceDigest, sourcePath } from "../../../../local/artifacts/sources.ts";
import { goInputs } from "../../../../local/artifacts/go.ts";
import { goCommands, operatorCommands } from "../../../../local/images/commands.ts";
import { images as clusterImages, operatorImages } from "../../../../local/images/list.ts";
import { nodeFilesystem } from "../../../../local/images/node.ts";

const images = [...clusterImages, ...operatorImages];
const commands = [...goCommands, ...operatorCommands];
const filesystems = [{ reference: "node", filesystem: nodeFilesystem }, ...images];

test("references are unique, tagged, and differ from the upstream references", () => {
  expect(new Set(images.map(({ reference }) => reference)).size).toBe(images.length);
  for (const { reference, upstream } of images) {
    expect(reference).toMatch(/^local\.bana\/[a-z0-9-]+:[a-z0-9.]+$/);
    expect(upstream).toMatch(/^[a-z0-9.-]+\.[a-z]+\/[a-z0-9/-]+:[A-Za-z0-9.-]+$/);
  }
});

test.each(filesystems)("$reference: paths are absolute and normalized, packages are unique", ({ filesystem }) => {
  const { binaries = {}, maven = {}, pip = {}, copies = {}, directories = {}, files = {}, links = {} } = filesystem;
  for (const target of [binaries, maven, pip, copies, directories, files, links].flatMap(Object.keys)) {
    expect(path.posix.isAbsolute(target)).toBe(true);
    expect(path.posix.normalize(target)).toBe(target);
  }
  const packages = filesystem.debian?.packages ?? [];
  expect(new Set(packages).size).toBe(packages.length);
});

test.each(filesystems)("$reference: every binary is a Go command", ({ filesystem: { binaries = {} } }) => {
  const names: readonly string[] = commands.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(Object.values(binaries)));
});

test("every image has an entry point or a command", () => {
  for (const { config } of images) expect([...(config.entrypoint ?? []), ...(config.command ?? [])]).not.toEqual([]);
});

test("every Go command has different build inputs", () => {
  const inputs = commands.map((command) => JSON.stringify(goInputs(command)));
  expect(new Set(inputs).size).toBe(commands.length);
});

test.each(filesystems)("$reference: its project files exist", ({ filesystem }) => {
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
