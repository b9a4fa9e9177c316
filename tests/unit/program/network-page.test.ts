import { expect, test } from "@jest/globals";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { flows } from "../../../components/network/flows.ts";
import { matrix } from "../../../components/network/matrix.ts";

test("docs/network.md matches the flows (npm run docs regenerates it)", () => {
  const project = path.resolve(import.meta.dirname, "../../..");
  const page = path.join(project, "docs", "network.md");
  const introduction = readFileSync(path.join(project, "components", "network", "introduction.md"), "utf8");
  // All flows that settings can open.
  const current = `${introduction}\n${matrix(flows({ typesense: { replicas: 3 } }))}\n`;
  if (process.env["UPDATE_GOLDEN"]) writeFileSync(page, current);
  expect(readFileSync(page, "utf8")).toBe(current);
});
