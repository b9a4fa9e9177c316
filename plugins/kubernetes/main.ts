/** Starts the provider as Pulumi's engine expects it: the port on standard output, the engine's address as argument. */
import { enableCompileCache, flushCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// Compiling is a good part of the start; with what is loaded below this line it happens once.
enableCompileCache(
  join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "bana-data-layer", "node-compile-cache"),
);
const { ProviderServer } = await import("./serve.ts");

const engine = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
const port = await new ProviderServer(engine).start();
process.stdout.write(`${port}\n`);
// The engine ends its plugins without a chance to do this at the end.
flushCompileCache();
