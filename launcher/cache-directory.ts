import { homedir } from "node:os";
import path from "node:path";

/** Cache of downloads and builds, outside the checkout: `bana-data-layer` in `$XDG_CACHE_HOME` or `~/.cache`. */
export function cacheDirectory(): string {
  const cacheHome = process.env["XDG_CACHE_HOME"];
  return path.join(cacheHome || path.join(homedir(), ".cache"), "bana-data-layer");
}
