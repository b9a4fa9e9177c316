import { readFileSync } from "node:fs";
import path from "node:path";
import { grpc, providerService } from "../kubernetes/protocol.ts";
import { provider } from "./provider.ts";

const packageFile = path.join(import.meta.dirname, "..", "..", "package.json");

/**
 * Serves the provider on loopback.
 * @returns the port
 */
export function serve(): Promise<number> {
  const { dependencies } = JSON.parse(readFileSync(packageFile, "utf8")) as { dependencies: Record<string, string> };
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(providerService.ResourceProviderService, provider(dependencies["@pulumi/random"] ?? ""));
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}
