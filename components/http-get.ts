import http from "node:http";
import https from "node:https";

/** The answer to a GET request, whatever its status. Rejects if there is none in time. */
export async function httpGet(
  url: string,
  options: https.RequestOptions,
  timeoutMs: number,
): Promise<{ readonly status: number; readonly body: string }> {
  const { request } = url.startsWith("https:") ? https : http;
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => {
      const isTimeout = error.name === "TimeoutError" || error.name === "AbortError";
      reject(isTimeout ? new Error(`no answer in ${String(timeoutMs / 1000)} s`) : error);
    };
    const sent = request(url, { ...options, signal: AbortSignal.timeout(timeoutMs) }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => (body += text));
      response.once("error", failed);
      response.once("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.once("error", failed);
    sent.end();
  });
}
