import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { parse } from "yaml";
import {
  configurationFiles,
  difference,
  patched,
  refreshConfiguration,
  type Mapping,
} from "../../../launcher/configuration.ts";

const key = fc.constantFrom("a", "b", "c");
const { document } = fc.letrec<{ document: Mapping; value: unknown }>((tie) => ({
  document: fc.dictionary(key, tie("value"), { noNullPrototype: true }),
  value: fc.oneof({ maxDepth: 3 }, fc.string(), fc.array(fc.string()), tie("document")),
}));

test("a document patched with its difference to another one is the other one", () => {
  fc.assert(
    fc.property(document, document, (before, after) =>
      expect(patched(before, difference(before, after))).toEqual(after),
    ),
  );
});

test("a value that Pulumi only wrote as text has not changed", () => {
  expect(difference({ a: false, b: 3, c: { d: 1.5 } }, { a: "false", b: "3", c: { d: "1.5" } })).toEqual({});
});

describe("the working configuration", () => {
  let folder: string;
  const files = () => configurationFiles(folder, "project", "local");
  const read = (file: string) => parse(readFileSync(file, "utf8")) as unknown;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "configuration-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test("keeps what was set in it when its source changes, and follows the source otherwise", async () => {
    const at = files();
    const working = await refreshConfiguration(at, { config: { "p:db": { size: "1Gi", memory: "1Gi" } } });
    writeFileSync(working, "encryptionsalt: salt\nconfig:\n  p:db:\n    size: 5Gi\n    memory: 1Gi\n");
    await refreshConfiguration(at, { config: { "p:db": { size: "2Gi", memory: "2Gi" }, "p:new": "yes" } });
    expect(read(working)).toEqual({
      encryptionsalt: "salt",
      config: { "p:db": { size: "5Gi", memory: "2Gi" }, "p:new": "yes" },
    });
  });

  test("stays untouched while its source is the same, and leaves no other directory behind", async () => {
    const at = files();
    const working = await refreshConfiguration(at, { config: {} });
    writeFileSync(working, "# mine\nconfig: {}\n");
    await refreshConfiguration(at, { config: {} });
    expect(readFileSync(working, "utf8")).toContain("# mine");
    await refreshConfiguration(at, { config: { "p:a": "1" } });
    expect(readdirSync(path.dirname(at.current))).toHaveLength(2);
  });
});
