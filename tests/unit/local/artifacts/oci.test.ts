import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { packImage } from "../../../../local/artifacts/oci.ts";

interface Descriptor {
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Record<string, string>;
}

let work: string;
beforeEach(() => {
  work = mkdtempSync(path.join(tmpdir(), "oci-test-"));
});
afterEach(() => {
  rmSync(work, { recursive: true, force: true });
});

const REFERENCE = "local.bana/example:1.0";

async function pack(name: string, modified: Date): Promise<string> {
  const root = path.join(work, `${name}-root`);
  mkdirSync(path.join(root, "etc"), { recursive: true });
  writeFileSync(path.join(root, "etc/motd"), "hello\n");
  utimesSync(path.join(root, "etc/motd"), modified, modified);
  const archive = path.join(work, `${name}.tar`);
  const log = { path: path.join(work, "log"), note: () => undefined, progress: () => undefined };
  await packImage(log, root, REFERENCE, { user: "70:70", command: ["postgres"], env: { A: "b=c" } }, archive);
  return archive;
}

function unpackArchive(archive: string): string {
  const layout = mkdtempSync(path.join(work, "layout-"));
  execFileSync("tar", ["-xf", archive, "-C", layout]);
  return layout;
}

test("the digest and size of every descriptor match its blob", async () => {
  const layout = unpackArchive(await pack("image", new Date()));
  const blob = ({ digest, size }: Descriptor): Buffer => {
    const [algorithm = "", hash = ""] = digest.split(":");
    const content = readFileSync(path.join(layout, "blobs", algorithm, hash));
    expect(createHash(algorithm).update(content).digest("hex")).toBe(hash);
    expect(content.length).toBe(size);
    return content;
  };
  const index = JSON.parse(readFileSync(path.join(layout, "index.json"), "utf8")) as { manifests: [Descriptor] };
  expect(index.manifests[0].annotations).toEqual({
    "io.containerd.image.name": REFERENCE,
    "org.opencontainers.image.ref.name": "1.0",
  });
  const manifest = JSON.parse(blob(index.manifests[0]).toString()) as { config: Descriptor; layers: [Descriptor] };
  const layer = blob(manifest.layers[0]);
  expect(execFileSync("tar", ["-xOf", "-", "./etc/motd"], { input: layer }).toString()).toBe("hello\n");
  const config = JSON.parse(blob(manifest.config).toString()) as {
    config: Record<string, unknown>;
    rootfs: { diff_ids: string[] };
  };
  expect(config.config).toMatchObject({ User: "70:70", Cmd: ["postgres"], Env: ["A=b=c"], WorkingDir: "/" });
  expect(config.rootfs.diff_ids).toEqual([manifest.layers[0].digest]);
  expect(readdirSync(path.join(layout, "blobs/sha256"))).toHaveLength(3);
});

test("the same content gives the same archive, independent of modification times", async () => {
  const first = readFileSync(await pack("first", new Date(2020, 1, 1)));
  const second = readFileSync(await pack("second", new Date()));
  expect(first.equals(second)).toBe(true);
});
