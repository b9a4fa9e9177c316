// Tries to open TCP connections, all at once, and says of each one:
//   open      something accepted it
//   refused   the host answered that nothing listens there
//   closed    no answer came
// Arguments: HOST:PORT ...
import { connect } from "node:net";

// a packet that is lost under load is sent again after one, three and seven seconds
const silent = 8000;

function probe(target) {
  const [host, port] = target.split(":");
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), timeout: silent });
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
