import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { succeed } from "./command.ts";
import { startCommand } from "./npm-start.ts";
import { poolers } from "./postgresql.ts";
import { session } from "./session.ts";
import { configure } from "./stack.ts";

const wrong = "local.bana/debian-pgbouncer:none";

test("npm start tells an image that cannot be pulled at once, with pod and setting, and the old pod stays", async () => {
  const { configFile } = session();
  const configuration = readFileSync(configFile, "utf8");
  const [old] = await poolers();
  await configure("images.pgbouncer", wrong);
  try {
    const start = spawn(...startCommand(), { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(start, "close");
    const output: string[] = [];
    let previewedAt = Infinity;
    let warnedAt = Infinity;
    for await (const line of createInterface({ input: start.stdout })) {
      output.push(line);
      if (/^ok .* Previewing changes$/.test(line)) previewedAt = performance.now();
      if (!line.includes("Then press Ctrl-C and rerun npm start")) continue;
      warnedAt = performance.now();
      start.kill("SIGINT");
    }
    expect(await ended).toEqual([130, null]);
    const told = output.join("\n");
    expect(told).toMatch(
      new RegExp(`WARNING: pod nx-persistent/nx-pgbouncer-\\S+ cannot start: image ${wrong} \\(container \\S+\\): Err`),
    );
    expect(told).toMatch(/config set --path bana-data-layer:images.pgbouncer local.bana\/debian-pgbouncer:1.24$/m);
    expect((warnedAt - previewedAt) / 1000).toBeLessThan(60);
  } finally {
    writeFileSync(configFile, configuration);
    await succeed(...startCommand());
  }
  expect((await poolers()).map(({ metadata }) => metadata.uid)).toEqual([old?.metadata.uid]);
});
