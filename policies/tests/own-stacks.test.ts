import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Resource } from "../kubernetes/objects.ts";
import { RunningPack } from "./engine.ts";
import type { Json } from "./support.ts";

/** Golden files of every resource of every stack of the data layer. */
const golden = join(__dirname, "..", "..", "tests", "golden");

/** The pack's configuration in every preview and update of these stacks. */
const configuration = JSON.parse(readFileSync(join(__dirname, "..", "mandatory.json"), "utf8")) as Json;

let pack: RunningPack;
beforeAll(async () => {
  pack = await RunningPack.start();
});
afterAll(() => pack.stop());

test.each(readdirSync(golden))("stack %s complies with every policy, without exemptions", async (stack) => {
  await pack.configure(configuration);
  const found = await pack.analyzeAll(resourcesOf(stack));
  expect(found.filter(({ level }) => level === "mandatory").map(({ message }) => message)).toEqual([]);
});

function resourcesOf(stack: string): readonly Resource[] {
  const files = readdirSync(join(golden, stack)).filter((file) => file.endsWith(".json"));
  return files.map((file) => {
    const { type, name, inputs } = JSON.parse(readFileSync(join(golden, stack, file), "utf8")) as {
      type: string;
      name: string;
      inputs: unknown;
    };
    return { type, name, props: inputs, urn: `urn:pulumi:${stack}::bana-data-layer::${type}::${name}` };
  });
}
