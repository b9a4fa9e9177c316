import { createInterface } from "node:readline/promises";
import { UsageError } from "../usage-error.ts";

const form = "METHOD PATH [BODY], for example: GET /collections";

/** Asks Typesense, prints the answer, and returns whether it was a good one. */
async function ask(
  origin: string,
  key: string,
  [method = "", path = "", ...body]: readonly string[],
): Promise<boolean> {
  if (!/^[A-Z]+$/.test(method) || !path.startsWith("/")) throw new UsageError(`Not a request: ${form}`);
  const response = await fetch(new URL(path, origin), {
    method,
    headers: { "x-typesense-api-key": key },
    ...(body.length > 0 && { body: body.join(" ") }),
  });
  const text = await response.text();
  console.log(readable(text));
  if (!response.ok) console.error(`${String(response.status)} ${response.statusText}`);
  return response.ok;
}

/** JSON on several lines; anything else, such as JSON lines, as it is. */
function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}

/** A client of Typesense: one request, or, without one, those that are read from the standard input. */
export async function typesenseClient(origin: string, key: string, request: readonly string[]): Promise<number> {
  if (request.length > 0) return (await ask(origin, key, request)) ? 0 : 1;
  const input = createInterface({ input: process.stdin, output: process.stdin.isTTY ? process.stdout : undefined });
  let good = true;
  if (process.stdin.isTTY) console.log(form);
  input.setPrompt("typesense> ");
  input.prompt();
  for await (const line of input) {
    if (line.trim() !== "") {
      try {
        good = (await ask(origin, key, line.trim().split(/\s+/))) && good;
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        console.error(error.message);
        good = false;
      }
    }
    input.prompt();
  }
  return good || process.stdin.isTTY ? 0 : 1;
}
