// Listens on the ports given as arguments and answers every connection with one line.
import { createServer } from "node:net";

const servers = process.argv.slice(2).map(async (port) => {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.end("here\n");
  });
  await new Promise((resolve) => server.listen(Number(port), "0.0.0.0", resolve));
});
await Promise.all(servers);
process.stdout.write("listening\n");
