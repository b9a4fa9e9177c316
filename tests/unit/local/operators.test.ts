import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { operatorManifests } from "../../../local/images/operators.ts";
import { operatorFiles, prepareOperatorFiles } from "../../../local/operators.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "operators-test-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("manifests are replaced; certificates and credentials are kept", async () => {
  const [state, source] = [path.join(directory, "state"), path.join(directory, "source")];
  mkdirSync(source);
  const write = (text: string) => {
    for (const { name } of Object.values(operatorManifests)) writeFileSync(path.join(source, name), text);
  };
  const files = operatorFiles(state);
  const read = () =>
    [
      path.join(files.certificates, "server.crt"),
      path.join(files.certificates, "client.key"),
      files.objectStoreCredentials,
    ].map((file) => readFileSync(file, "utf8"));

  write("old");
  await prepareOperatorFiles(state, source);
  const first = read();
  write("new");
  await prepareOperatorFiles(state, source);

  expect(read()).toEqual(first);
  expect(Object.values(files.manifests).map((file) => readFileSync(file, "utf8"))).toEqual(["new", "new"]);
  expect(JSON.parse(first[2] ?? "")).toEqual({
    accessKeyId: expect.stringMatching(/^[0-9a-f]{20}$/) as string,
    secretAccessKey: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
  });
});
