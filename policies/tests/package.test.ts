import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** The package as others get it: what `npm pack` makes, unpacked in an empty directory beside its dependencies. */
let directory: string;
let installed: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "policy-package-"));
  const packed = ["pack", "--ignore-scripts", "--silent", "--pack-destination", directory];
  execFileSync("npm", packed, { cwd: join(__dirname, "..") });
  const [tarball = ""] = readdirSync(directory);
  const modules = join(directory, "node_modules");
  installed = join(modules, "@bana", "kubernetes-policies");
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", join(directory, tarball), "--strip-components=1", "-C", installed]);
  // Only what package.json names: anything else that the pack needs would be missed here.
  for (const name of ["@pulumi/policy", "@pulumi/pulumi"]) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(dirname(require.resolve(`${name}/package.json`)), join(modules, name));
  }
}, 60_000);
afterAll(() => rmSync(directory, { recursive: true }));

test("it holds the compiled pack and nothing of its tests", () => {
  expect(readdirSync(installed).sort()).toEqual(["PulumiPolicy.yaml", "README.md", "bin", "package.json"]);
});

test("the pack starts, and says which port it listens on", async () => {
  const pack = spawn(process.execPath, [join(installed, "bin", "pack.js")], { cwd: installed });
  const [line] = (await once(pack.stdout, "data")) as [Buffer];
  pack.kill();
  await once(pack, "close");
  expect(line.toString()).toMatch(/^\d+\n$/);
}, 60_000);

test("the class is what importing it gives, and starts nothing", () => {
  const program = `const { KubernetesPolicies } = require("@bana/kubernetes-policies");
    console.log(new KubernetesPolicies().policies.length > 10)`;
  const output = execFileSync(process.execPath, ["-e", program], { cwd: directory, encoding: "utf8" });
  expect(output).toBe("true\n");
}, 60_000);

test("it has types", () => {
  const compiler = require.resolve("typescript/lib/tsc.js");
  const program = join(directory, "acme.mts");
  writeFileSync(
    program,
    'import { KubernetesPolicies } from "@bana/kubernetes-policies"; new KubernetesPolicies({ all: "mandatory" });',
  );
  const options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2022"];
  const output = execFileSync(process.execPath, [compiler, ...options, program], { cwd: directory, encoding: "utf8" });
  expect(output).toBe("");
}, 60_000);
