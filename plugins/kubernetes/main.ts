/** Starts the provider as Pulumi's engine expects it: the port on standard output, the engine's address as argument. */
import { flushCompileCache } from "node:module";
import { endWithEngine } from "../engine.ts";
import { ProviderServer } from "./serve.ts";

const engine = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
const port = await new ProviderServer(engine).start();
process.stdout.write(`${port}\n`);
if (engine !== undefined) endWithEngine();
// The engine ends its plugins without a chance to do this at the end.
flushCompileCache();
