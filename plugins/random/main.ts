/** Entry point of the provider. Prints its port to standard output, where Pulumi's engine reads it. */
import { flushCompileCache } from "node:module";
import { exitWithEngine } from "../engine.ts";
import { serve } from "./serve.ts";

process.stdout.write(`${await serve()}\n`);
exitWithEngine();
// Flush now: the engine kills its plugins, so an exit handler would not run.
flushCompileCache();
