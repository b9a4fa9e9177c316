import { expect, jest, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { cacheDirectory } from "../../../launcher/cache-directory.ts";
import { checkout } from "../../../launcher/versions.ts";
import { kubeconform, problemsOf } from "../../validate/kubeconform.ts";
import { customObjectsOf, stacks } from "../../validate/objects.ts";
import { writeSchemas } from "../../validate/schemas.ts";

// The first run builds kubeconform.
jest.setTimeout(600_000);

/** Further definitions, as --crds takes them. */
const source = process.env["BANA_CRDS"];

function validate(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["launcher/bootstrap.mjs", "validate", ...args], {
    cwd: checkout,
    encoding: "utf8",
  });
  return { status, output: stdout + stderr };
}

/** One run for all tests. */
let ran: ReturnType<typeof validate> | undefined;
const run = () => (ran ??= validate(...(source === undefined ? [] : ["--crds", source])));

test("the custom resources of every stack are as their operators define them", () => {
  const { status, output } = run();
  expect(output).not.toContain("invalid");
  expect({ status, output }).toMatchObject({ status: 0 });
  expect(output).toMatch(/^production: valid: .*\bCluster\b/m);
});

const strimzi = stacks().flatMap((stack) =>
  customObjectsOf(stack)
    .filter(({ group }) => group === "kafka.strimzi.io")
    .map(({ title }) => `${stack}: ${title}`),
);

/** Without definitions, each is listed as skipped. */
(source === undefined ? test.skip.each(strimzi) : test.each(strimzi))(
  "has a definition to check with (BANA_CRDS names Strimzi's): %s",
  () => {
    expect(run().output).not.toContain("not checked");
  },
);

test("tells each wrong value, missing field and unknown field of an object", async () => {
  const phase = { path: "/dev/null", note: () => undefined, progress: () => undefined };
  const program = await kubeconform(cacheDirectory(), {
    phase: (_, work) => work(phase),
    warn: () => undefined,
  });
  const folder = mkdtempSync(path.join(tmpdir(), "schemas-"));
  const size = { type: "integer" };
  const spec = { type: "object", properties: { size, name: { type: "string" } }, required: ["name"] };
  const schema = {
    type: "object",
    properties: { apiVersion: {}, kind: {}, metadata: { type: "object" }, spec },
  };
  const thing = { group: "example.com", version: "v1", kind: "Thing" };
  writeSchemas(folder, [{ ...thing, schema }]);
  const object = (given: object) => ({
    ...thing,
    title: "Thing nx-backend/a",
    content: { apiVersion: "example.com/v1", kind: "Thing", metadata: { name: "a" }, spec: given },
  });
  const right = object({ name: "a", size: 1 });
  const wrong = object({ size: "1", sizes: 1 });
  expect(await problemsOf(program, folder, [right])).toEqual([]);
  const problems = await problemsOf(program, folder, [right, wrong]);
  rmSync(folder, { recursive: true });
  expect(problems).toHaveLength(3);
  expect(problems.every((problem) => problem.startsWith("Thing nx-backend/a: /spec"))).toBe(true);
});
