import { createServer, type AddressInfo, type Server } from "node:net";
import { listeningPorts } from "../../e2e/listening.ts";

const servers: Server[] = [];

async function portOf(host: string): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

afterAll(() => {
  for (const server of servers) server.close();
});

test("ports that are reachable from elsewhere are listed, those of the loopback address are not", async () => {
  const [reachable, local] = [await portOf("0.0.0.0"), await portOf("127.0.0.1")];
  const ports = listeningPorts(process.pid);
  expect(ports).toContain(reachable);
  expect(ports).not.toContain(local);
});
