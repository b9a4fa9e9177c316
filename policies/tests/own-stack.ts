import { readFileSync } from "node:fs";
import { join } from "node:path";
import { planOf } from "../../tests/unit/golden/plan.ts";
import { RunningPack } from "./engine.ts";
import type { Json } from "./support.ts";

/** The pack's configuration in every preview and update of the data layer's stacks. */
const configuration = JSON.parse(readFileSync(join(__dirname, "..", "mandatory.json"), "utf8")) as Json;

/** Tests that a stack of the data layer complies with every policy. One per test file, as for {@link planOf}. */
export function testOwnStack(stack: string): void {
  let pack: RunningPack;
  beforeAll(async () => {
    pack = await RunningPack.start();
  });
  afterAll(() => pack.stop());

  test(`stack ${stack} complies with every policy, with the exemptions of mandatory.json`, async () => {
    const { resources } = await planOf(stack);
    await pack.configure(configuration);
    const found = await pack.analyzeAll(
      resources.map(({ type, name, inputs }) => {
        return { type, name, props: inputs, urn: `urn:pulumi:${stack}::bana-data-layer::${type}::${name}` };
      }),
    );
    expect(resources.length).toBeGreaterThan(90);
    expect(found.filter(({ level }) => level === "mandatory").map(({ message }) => message)).toEqual([]);
  }, 60_000);
}
