import { createInterface } from "node:readline/promises";
import { UsageError } from "../usage-error.ts";

export interface HttpServer {
  /** For the prompt. */
  readonly name: string;
  readonly origin: string;
  /** Headers of each request, such as the API key. */
  readonly headers: Readonly<Record<string, string>>;
}

const requestSyntax = "METHOD PATH [BODY], for example: GET /collections";

/** Sends a request, prints the response body, and returns whether the status was 2xx. */
async function sendRequest(
  { origin, headers }: HttpServer,
  [method = "", path = "", ...body]: readonly string[],
): Promise<boolean> {
  if (!/^[A-Z]+$/.test(method) || !path.startsWith("/")) throw new UsageError(`Invalid request. Use: ${requestSyntax}`);
  const response = await fetch(new URL(path, origin), {
    method,
    headers,
    ...(body.length > 0 && { body: body.join(" ") }),
  });
  const text = await response.text();
  console.log(prettyPrinted(text));
  if (!response.ok) console.error(`${String(response.status)} ${response.statusText}`);
  return response.ok;
}

/** Indents JSON; returns any other text, such as JSON lines, unchanged. */
function prettyPrinted(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}

/** A client of an HTTP API: sends the given request, or, without one, each line of standard input as a request. */
export async function httpClient(server: HttpServer, request: readonly string[]): Promise<number> {
  if (request.length > 0) return (await sendRequest(server, request)) ? 0 : 1;
  const input = createInterface({ input: process.stdin, output: process.stdin.isTTY ? process.stdout : undefined });
  let allSucceeded = true;
  if (process.stdin.isTTY) console.log(requestSyntax);
  input.setPrompt(`${server.name}> `);
  input.prompt();
  for await (const line of input) {
    if (line.trim() !== "") {
      try {
        allSucceeded = (await sendRequest(server, line.trim().split(/\s+/))) && allSucceeded;
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        console.error(error.message);
        allSucceeded = false;
      }
    }
    input.prompt();
  }
  return allSucceeded || process.stdin.isTTY ? 0 : 1;
}
