import { readFileSync } from "node:fs";
import path from "node:path";
import { listen, newServer } from "../grpc.ts";
import { providerService } from "./protocol.ts";
import { provider } from "./provider.ts";

const packageFile = path.join(import.meta.dirname, "..", "..", "package.json");

/**
 * Serves the provider on 127.0.0.1.
 * @returns the port
 */
export function serve(): Promise<number> {
  const { dependencies } = JSON.parse(readFileSync(packageFile, "utf8")) as { dependencies: Record<string, string> };
  const server = newServer();
  server.addService(providerService.ResourceProviderService, provider(dependencies["@pulumi/random"] ?? ""));
  return listen(server);
}
