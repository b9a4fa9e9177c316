import { isCurrent, selfSignedCertificate } from "./certificate.ts";
import type { LeafRequest } from "./certificate.ts";
import { loadOrCreate } from "./stored.ts";

/**
 * CloudNativePG and the Barman Cloud plugin each accept exactly the other's certificate. The server's name is that of
 * the plugin's Service, which the operator checks.
 */
const certificates: Readonly<Record<"server" | "client", LeafRequest>> = {
  server: { commonName: "barman-cloud", usages: ["server"], altNames: ["barman-cloud"] },
  client: { commonName: "barman-cloud-client", usages: ["client"] },
};

/** Creates `server.crt`, `server.key`, `client.crt` and `client.key` in `directory`; renews those that expire soon. */
export async function prepareOperatorCertificates(directory: string): Promise<void> {
  for (const [name, request] of Object.entries(certificates)) {
    await loadOrCreate(
      directory,
      name,
      () => selfSignedCertificate(request),
      (certificate) => isCurrent(certificate, certificate, request),
    );
  }
}
