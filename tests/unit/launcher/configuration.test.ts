import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { parse } from "yaml";
import {
  applyMergePatch,
  configurationFiles,
  mergePatch,
  refreshConfiguration,
  type Mapping,
} from "../../../launcher/configuration.ts";

const key = fc.constantFrom("a", "b", "c");
const { document } = fc.letrec<{ document: Mapping; value: unknown }>((tie) => ({
  document: fc.dictionary(key, tie("value"), { noNullPrototype: true }),
  value: fc.oneof({ maxDepth: 3 }, fc.string(), fc.array(fc.string()), tie("document")),
}));

test("applying the merge patch of two documents to the first gives the second", () => {
  fc.assert(
    fc.property(document, document, (before, after) =>
      expect(applyMergePatch(before, mergePatch(before, after))).toEqual(after),
    ),
  );
});

test("a number or boolean that Pulumi saved as a string is unchanged", () => {
  expect(mergePatch({ a: false, b: 3, c: { d: 1.5 } }, { a: "false", b: "3", c: { d: "1.5" } })).toEqual({});
});

describe("the working configuration", () => {
  let directory: string;
  const files = () => configurationFiles(directory, "project", "local");
  const read = (file: string) => parse(readFileSync(file, "utf8")) as unknown;

  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "configuration-"));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  test("keeps the values that the user set, and takes other values from the changed source", async () => {
    const paths = files();
    const working = await refreshConfiguration(paths, { config: { "p:db": { size: "1Gi", memory: "1Gi" } } });
    writeFileSync(working, "encryptionsalt: salt\nconfig:\n  p:db:\n    size: 5Gi\n    memory: 1Gi\n");
    await refreshConfiguration(paths, { config: { "p:db": { size: "2Gi", memory: "2Gi" }, "p:new": "yes" } });
    expect(read(working)).toEqual({
      encryptionsalt: "salt",
      config: { "p:db": { size: "5Gi", memory: "2Gi" }, "p:new": "yes" },
    });
  });

  test("is not rewritten while its source is unchanged, and leaves no stale directory", async () => {
    const paths = files();
    const working = await refreshConfiguration(paths, { config: {} });
    writeFileSync(working, "# mine\nconfig: {}\n");
    await refreshConfiguration(paths, { config: {} });
    expect(readFileSync(working, "utf8")).toContain("# mine");
    await refreshConfiguration(paths, { config: { "p:a": "1" } });
    expect(readdirSync(path.dirname(paths.current))).toHaveLength(2);
  });
});
