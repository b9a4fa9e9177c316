import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  differenceFromProduction,
  isForEmbeddedCluster,
  needsOperators,
  readStackFile,
  requireRunnable,
  stacks,
} from "../../../launcher/stack-files.ts";
import { checkout } from "../../../launcher/versions.ts";

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "stacks-"));
  const write = (stack: string, text: string) => writeFileSync(path.join(directory, `Pulumi.${stack}.yaml`), text);
  writeFileSync(path.join(directory, "Pulumi.yaml"), "name: bana-data-layer\n");
  write("small", "config:\n  bana-data-layer:images: { redis: local.bana/redis:7 }\n");
  write("production", "config:\n  bana-data-layer:cluster: { context: production }\n");
});
afterAll(() => rmSync(directory, { recursive: true }));

test("the stacks are those that have a configuration file", () => {
  expect(stacks(directory)).toEqual(["production", "small"]);
});

test("the embedded cluster runs the stacks that use its images", () => {
  expect(() => requireRunnable("small", false, directory)).not.toThrow();
  expect(() => requireRunnable("production", false, directory)).toThrow(
    [
      "Stack production is for a cluster of your own: Pulumi.production.yaml has none of the embedded cluster's images.",
      "In your own Pulumi backend:           pulumi up --stack production",
      "In a context of your kubeconfig:      npm start -- --context NAME --stack production",
      "Stacks for the embedded cluster:      small",
    ].join("\n"),
  );
});

test("a context of the user's kubeconfig can have every stack", () => {
  expect(() => requireRunnable("production", true, directory)).not.toThrow();
});

test("an unknown stack is refused with those that can be run", () => {
  expect(() => requireRunnable("prod", false, directory)).toThrow("There is no Pulumi.prod.yaml. Stacks: small");
  expect(() => requireRunnable("prod", true, directory)).toThrow(
    "There is no Pulumi.prod.yaml. Stacks: production, small",
  );
});

test("the operators of a stack follow from its settings", () => {
  expect(needsOperators(readStackFile("local-production"))).toBe(true);
  expect(needsOperators(readStackFile("local"))).toBe(false);
});

test("a stack's file says what runs differently from production", () => {
  expect(differenceFromProduction(readStackFile("local-production"))).toMatch(/^Kafka runs as a StatefulSet .*\.$/);
  expect(differenceFromProduction(readStackFile("staging"))).toBeUndefined();
});

test("the CI workflow leaves out the stacks of the embedded cluster", () => {
  const list = (cwd: string) =>
    JSON.parse(execFileSync(path.join(checkout, ".github", "stacks.sh"), { cwd, encoding: "utf8" })) as string[];
  expect(list(directory)).toEqual(["production"]);
  expect(list(checkout)).toEqual(stacks().filter((stack) => !isForEmbeddedCluster(readStackFile(stack))));
});
