import { readFileSync } from "node:fs";

/** State of a listening socket in /proc/net/tcp. */
const listen = "0A";

const isLoopback = (address: string): boolean => address.endsWith("0100007F") || /^0{24}01000000$/.test(address);

/** TCP ports that the pod of a process listens on, except at the loopback addresses. */
export function listeningPorts(pid: number): number[] {
  const sockets = ["tcp", "tcp6"].flatMap((family) =>
    readFileSync(`/proc/${pid}/net/${family}`, "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/[\s:]+/)),
  );
  // "0: 00000000:1538 00000000:0000 0A": number, local address and port, remote address and port, state
  const ports = sockets.flatMap(([, address = "", port = "", , , state]) =>
    state === listen && !isLoopback(address) ? [Number.parseInt(port, 16)] : [],
  );
  return [...new Set(ports)].sort((a, b) => a - b);
}
