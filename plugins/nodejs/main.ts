/** Entry point of the language host. Prints its port to standard output, where Pulumi's engine reads it. */
import { flushCompileCache } from "node:module";
import { exitWithEngine } from "../engine.ts";
import { serve } from "./host.ts";

const engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
const port = await serve(engineAddress ?? "");
process.stdout.write(`${String(port)}\n`);
exitWithEngine();
// Flush now: the engine kills its plugins, so an exit handler would not run.
flushCompileCache();
