import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { createHash } from "node:crypto";

export interface GeneratedPassword {
  /** A Pulumi secret. */
  readonly value: pulumi.Output<string>;
  /** SHA-256 of the password. Not a Pulumi secret, which would hide the pod templates that contain it from previews. */
  readonly checksum: pulumi.Output<string>;
}

/**
 * Generates a password: 32 letters and digits (190 bits), which need no quoting in URIs, ini and properties files.
 *
 * @param version a changed number generates a new password
 */
export function generatedPassword(
  name: string,
  version: number,
  opts: pulumi.CustomResourceOptions,
): GeneratedPassword {
  const { result } = new random.RandomPassword(
    `${name}-password`,
    { length: 32, special: false, keepers: { version: String(version) } },
    opts,
  );
  const checksum = result.apply((password) => createHash("sha256").update(password).digest("hex"));
  return { value: result, checksum: pulumi.unsecret(checksum) };
}
