/** Starts the provider as Pulumi's engine expects it: the port on standard output, the engine's address as argument. */
import { enableCompileCache, flushCompileCache } from "node:module";
import { endWithEngine } from "../engine.ts";

// Stripping types and compiling is two thirds of the start; with what is loaded below this line it happens once.
enableCompileCache();
const { ProviderServer } = await import("./serve.ts");

const engine = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
const port = await new ProviderServer(engine).start();
process.stdout.write(`${port}\n`);
endWithEngine();
// The engine ends its plugins without a chance to do this at the end.
flushCompileCache();
