import { readFileSync } from "node:fs";
import { join } from "node:path";
import { networkRules } from "../network/rules/index.ts";
import { KubernetesPolicies } from "../policies.ts";
import { checks } from "../pod-security/checks/index.ts";

const readme = readFileSync(join(__dirname, "..", "README.md"), "utf8").replace(/ +/g, " ");

test("the README names every policy, every control and every setting", () => {
  const { policies } = new KubernetesPolicies();
  const settings = policies.flatMap(({ configSchema }) => Object.keys(configSchema?.properties ?? {}));
  const names = [
    ...policies.map(({ name }) => name),
    ...networkRules.map(({ id }) => id),
    ...checks.map(({ id }) => id),
    ...settings,
  ];
  expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});

test("the README lists level and versions of each check", () => {
  for (const { id, level, versions } of checks) {
    expect(readme).toContain(`| \`${id}\` | ${level} ${Object.keys(versions).join(", ")} |`);
  }
});

test("names are unique, and every description is a sentence", () => {
  const { policies } = new KubernetesPolicies();
  expect(new Set(policies.map(({ name }) => name)).size).toBe(policies.length);
  for (const { description } of policies) expect(description).toMatch(/^[A-Z].*\.$/);
});
