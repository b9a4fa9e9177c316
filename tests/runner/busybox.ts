import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { cached } from "../../local/artifacts/cache.ts";
import { unpack } from "../../local/artifacts/debian.ts";
import { runJest } from "./jest.ts";
import type { Step } from "./step.ts";

/** The oldest Debian release that the tests run on; its programs also run on later ones. */
const debian = { suite: "bookworm", packages: ["busybox"] } as const;

/** Runs the script tests with BusyBox, the shell and tools of the upstream images, which are based on Alpine. */
export function busyboxStep(checkout: string, cacheDir: string): Step {
  return {
    name: "unit tests of scripts under BusyBox",
    run: async (log) => {
      const env = { ...process.env, PATH: (await applets(cacheDir, log)) + delimiter + (process.env["PATH"] ?? "") };
      return runJest({
        cwd: checkout,
        config: "jest.config.mjs",
        args: ["tests/unit/scripts"],
        env,
        log,
        givesWay: true,
      });
    },
  };
}

/** A cached folder with a link to BusyBox for each applet. */
async function applets(cacheDir: string, log: string): Promise<string> {
  const home = await cached({
    cacheDir,
    name: "busybox",
    inputs: debian,
    build: async (directory) => {
      await unpack({ path: log, note: () => undefined, progress: () => undefined }, cacheDir, directory, debian);
      mkdirSync(join(directory, "applets"));
      const names = execFileSync(join(directory, "usr/bin/busybox"), ["--list"], { encoding: "utf8" });
      for (const name of names.trim().split("\n")) symlinkSync("../usr/bin/busybox", join(directory, "applets", name));
    },
  });
  return join(home, "applets");
}
