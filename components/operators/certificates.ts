import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { ManifestError } from "./manifest.ts";

/** A certificate and its key, in PEM format. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** The certificates of operator (client) and plugin (server). */
export interface Certificates {
  readonly server: KeyPair;
  readonly client: KeyPair;
  /** SHA-256 of everything. */
  readonly checksum: string;
}

/**
 * Reads `server.crt`, `server.key`, `client.crt` and `client.key`.
 * @throws ManifestError if one cannot be read or a certificate has expired
 */
export function readCertificates(folder: string): Certificates {
  const read = (file: string) => {
    try {
      return readFileSync(path.resolve(folder, file), "utf8");
    } catch (error) {
      throw unusable(folder, `${file} cannot be read: ${(error as Error).message}`);
    }
  };
  const pair = (name: string): KeyPair => {
    const certificate = read(`${name}.crt`);
    let end: string;
    try {
      end = new X509Certificate(certificate).validTo;
    } catch (error) {
      throw unusable(folder, `${name}.crt is no certificate in PEM format: ${(error as Error).message}`);
    }
    if (Date.parse(end) < Date.now()) throw unusable(folder, `${name}.crt was valid until ${end}`);
    return { certificate, key: read(`${name}.key`) };
  };
  const [server, client] = [pair("server"), pair("client")];
  const checksum = createHash("sha256")
    .update(JSON.stringify([server, client]))
    .digest("hex");
  return { server, client, checksum };
}

const unusable = (folder: string, cause: string) =>
  new ManifestError(
    `The certificates of the Barman Cloud plugin in ${folder} cannot be used: ${cause}. Nothing was changed. Renew the ` +
      "files, as docs/operators.md describes, or choose another folder with " +
      "`pulumi config set --path bana-data-layer:operators.barmanCloud.certificates FOLDER`.",
  );
