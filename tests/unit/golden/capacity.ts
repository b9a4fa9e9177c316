import { beforeAll, expect, test } from "@jest/globals";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { poolsOf } from "../../../components/capacity/pools.ts";
import { summary } from "../../../components/capacity/summary.ts";
import { workloadsOf } from "../../../components/capacity/workloads.ts";
import { readSettings } from "../../../settings.ts";
import { configurationOf, planOf, project, withManifests } from "./plan.ts";

/** The stacks of docs/capacity.md, in its order. */
type Stack = "staging" | "production";

const page = path.join(project, "docs", "capacity.md");
const introduction = readFileSync(path.join(project, "components", "capacity", "introduction.md"), "utf8");

/** The parts of the page: the introduction, then one a stack. */
const partsOf = (text: string) => text.split(/^(?=## )/m);

/** The test that the stack's section of docs/capacity.md is current. */
export function describeCapacity(stack: Stack): void {
  let section: string;

  beforeAll(async () => {
    const { nodePools } = readSettings("bana-data-layer", withManifests(configurationOf(stack)));
    section = `${summary(stack, poolsOf(workloadsOf((await planOf(stack)).resources), nodePools))}\n`;
  }, 60_000);

  test(`docs/capacity.md has stack ${stack} (npm run docs regenerates it)`, () => {
    const [, ...sections] = partsOf(readFileSync(page, "utf8"));
    const others = sections.filter((each) => !each.startsWith(`## Stack ${stack}\n`));
    const current = stack === "staging" ? [section, ...others] : [...others, section];
    const text = `${introduction}\n${current.map((each) => each.trimEnd()).join("\n\n")}\n`;
    if (process.env["UPDATE_GOLDEN"]) writeFileSync(page, text);
    expect(readFileSync(page, "utf8")).toBe(text);
  });
}
