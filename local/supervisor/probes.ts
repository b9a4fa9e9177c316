import { readFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";

const TIMEOUT_MS = 2000;

/** Whether `url` answers 200. Certificates are not verified: the question is only whether somebody serves there. */
export function answers(url: string): Promise<boolean> {
  const request = url.startsWith("https:") ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const asked = request(url, { timeout: TIMEOUT_MS, rejectUnauthorized: false, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.once("timeout", () => asked.destroy(new Error(`${url} did not answer in ${TIMEOUT_MS} ms`)));
    asked.once("error", reject);
    asked.end();
  });
}

/** Whether somebody accepts connections at a Unix socket. */
export function accepts(socket: string): Promise<boolean> {
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
export async function isQueueRead(queue: number): Promise<boolean> {
  const queues = await readFile("/proc/net/netfilter/nfnetlink_queue", "utf8");
  return queues.split("\n").some((line) => Number(line.trim().split(/\s+/)[0]) === queue && line.trim() !== "");
}
