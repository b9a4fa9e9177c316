// Tries to open TCP connections in parallel and prints the result of each:
//   open      it was accepted
//   refused   the host refused it
//   closed    there was no answer
// Arguments: HOST:PORT ...
import { connect } from "node:net";

// long enough for retransmissions of a lost SYN after 1, 3 and 7 seconds
const timeout = 8000;

function probe(target) {
  const [host, port] = target.split(":");
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), timeout });
    const end = (verdict) => {
      socket.destroy();
      resolve(`${target} ${verdict}\n`);
    };
    socket.once("connect", () => end("open"));
    socket.once("timeout", () => end("closed"));
    socket.once("error", ({ code }) => end(code === "ECONNREFUSED" ? "refused" : "closed"));
  });
}

for (const line of await Promise.all(process.argv.slice(2).map(probe))) process.stdout.write(line);
