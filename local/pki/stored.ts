import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { writeAtomically } from "../node/spec.ts";
import type { KeyPair } from "./certificate.ts";

/**
 * The pair in `name.key` and `name.crt` of `directory`; creates it if it is missing or not valid. Recreates the pair
 * also if key and certificate do not match, after a kill between the two writes.
 */
export async function loadOrCreate(
  directory: string,
  name: string,
  create: () => KeyPair,
  isValid: (certificate: string) => boolean,
): Promise<KeyPair> {
  const keyFile = path.join(directory, `${name}.key`);
  const certificateFile = path.join(directory, `${name}.crt`);
  if (existsSync(certificateFile) && existsSync(keyFile)) {
    const pair = { key: readFileSync(keyFile, "utf8"), certificate: readFileSync(certificateFile, "utf8") };
    if (isValid(pair.certificate) && matchesKey(pair)) return pair;
  }
  const pair = create();
  await writeAtomically(keyFile, pair.key);
  await writeAtomically(certificateFile, pair.certificate);
  return pair;
}

function matchesKey({ key, certificate }: KeyPair): boolean {
  return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
}
