import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** The package as published: the tarball of `npm pack`, unpacked in an empty directory with its dependencies. */
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
  // Only the dependencies in package.json, so that the pack fails here if it needs another one.
  for (const name of ["@pulumi/policy", "@pulumi/pulumi"]) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(dirname(require.resolve(`${name}/package.json`)), join(modules, name));
  }
}, 60_000);
afterAll(() => rmSync(directory, { recursive: true }));

test("contains the compiled pack without its tests", () => {
  expect(readdirSync(installed).sort()).toEqual(["PulumiPolicy.yaml", "README.md", "bin", "package.json"]);
});

test("the pack starts and prints its port", async () => {
  const pack = spawn(process.execPath, [join(installed, "bin", "pack.js")], { cwd: installed });
  const [line] = (await once(pack.stdout, "data")) as [Buffer];
  pack.kill();
  await once(pack, "close");
  expect(line.toString()).toMatch(/^\d+\n$/);
}, 60_000);

test("exports KubernetesPolicies, and starts no server on import", () => {
  const program = `const { KubernetesPolicies } = require("@bana/kubernetes-policies");
    console.log(new KubernetesPolicies().policies.length > 10)`;
  const output = execFileSync(process.execPath, ["-e", program], { cwd: directory, encoding: "utf8" });
  expect(output).toBe("true\n");
}, 60_000);

test("has type declarations", () => {
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
