import { readFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";

const TIMEOUT_MS = 2000;

/** Whether `url` responds with 200. Certificates are not verified, because this only checks readiness. */
export function respondsOk(url: string): Promise<boolean> {
  const request = url.startsWith("https:") ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { timeout: TIMEOUT_MS, rejectUnauthorized: false, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    outgoing.once("timeout", () => outgoing.destroy(new Error(`${url} did not respond within ${TIMEOUT_MS} ms`)));
    outgoing.once("error", reject);
    outgoing.end();
  });
}

/** Whether a Unix socket accepts connections. */
export function acceptsConnections(socket: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const connection = connect(socket);
    connection.once("connect", () => {
      connection.destroy();
      resolve(true);
    });
    connection.once("error", reject);
  });
}

/** Whether a process reads packets from netfilter queue `queue`. */
export async function hasQueueReader(queue: number): Promise<boolean> {
  const queues = await readFile("/proc/net/netfilter/nfnetlink_queue", "utf8");
  return queues.split("\n").some((line) => Number(line.trim().split(/\s+/)[0]) === queue && line.trim() !== "");
}
