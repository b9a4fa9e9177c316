/** The process that Pulumi's engine starts: it says on standard output which port it listens on. */
import { flushCompileCache } from "node:module";
import { endWithEngine } from "../engine.ts";
import { serve } from "./serve.ts";

process.stdout.write(`${await serve()}\n`);
endWithEngine();
// The engine ends its plugins without a chance to do this at the end.
flushCompileCache();
