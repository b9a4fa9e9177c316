/** The process that Pulumi's engine starts to run a program: it says on standard output which port it listens on. */
import { flushCompileCache } from "node:module";
import { endWithEngine } from "../engine.ts";
import { serve } from "./host.ts";

const engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
const port = await serve(engineAddress ?? "");
process.stdout.write(`${String(port)}\n`);
endWithEngine();
// The engine ends its plugins without a chance to do this at the end.
flushCompileCache();
