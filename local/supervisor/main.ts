// The node's supervisor: prepares certificates and configuration, then runs the cluster's components until SIGTERM.
import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { renderConfig } from "../config/render.ts";
import { layout, podCidr, readSpec } from "../node/spec.ts";
import { preparePki } from "../pki/cluster-pki.ts";
import { Supervisor } from "./supervisor.ts";

const stateDir = process.argv[2];
if (stateDir === undefined) throw new Error("usage: main.ts STATE_DIRECTORY");

const spec = readSpec(stateDir);
mkdirSync(layout(stateDir).logs, { recursive: true, mode: 0o700 });
await preparePki(spec);
await renderConfig(spec);
await promisify(execFile)("sh", [path.join(import.meta.dirname, "../node/network-policies.sh"), podCidr]);

const supervisor = new Supervisor(spec);
let stopping: Promise<void> | undefined;
// A repeated SIGTERM (the process that sent the first one may have been killed) must not restart the shutdown.
process.on("SIGTERM", () => {
  stopping ??= supervisor.stop().then(() => process.exit(0));
});
await supervisor.start();
