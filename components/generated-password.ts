import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { createHash } from "node:crypto";

export interface GeneratedPassword {
  /** Secret. */
  readonly value: pulumi.Output<string>;
  /** Changes with the password and tells nothing about it; plain, or it would hide the pods that carry it from previews. */
  readonly checksum: pulumi.Output<string>;
}

/**
 * A password that the stack keeps to itself: 32 letters and digits (190 bits), which need no quoting in URIs, ini and properties files.
 *
 * @param version a higher number makes a new password
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
