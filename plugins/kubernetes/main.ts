/** Starts the provider as Pulumi's engine expects it: the port on standard output, the engine's address as argument. */
import { enableCompileCache } from "node:module";

// Parsing is a third of the start; loading after this line makes it a one-time cost.
enableCompileCache();
const { ProviderServer } = await import("./serve.ts");

const engine = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
const port = await new ProviderServer(engine).start();
process.stdout.write(`${port}\n`);
