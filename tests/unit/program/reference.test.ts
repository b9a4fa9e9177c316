import { expect, test } from "@jest/globals";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { reference } from "../../../settings/reference.ts";
import { settingsSchema } from "../../../settings/schema.ts";

const project = path.resolve(import.meta.dirname, "../../..");
const introduction = readFileSync(path.join(project, "settings", "introduction.md"), "utf8");
const page = path.join(project, "docs", "configuration.md");

test("docs/configuration.md matches the schema (UPDATE_GOLDEN=1 regenerates it)", () => {
  const current = `${introduction}\n${reference(settingsSchema)}\n`;
  if (process.env["UPDATE_GOLDEN"]) writeFileSync(page, current);
  expect(readFileSync(page, "utf8")).toBe(current);
});

test("every setting has a description", () => {
  expect(reference(settingsSchema)).not.toMatch(/^\| `[^`]+` \|\s*\|/m);
});
