import type { Output } from "@pulumi/pulumi";
import type { Namespace } from "../names.ts";

/** A store's login: user, password, and the Secret that clients read them from. */
export interface Credential {
  readonly username: string;
  /** Namespace of the user's clients, and so of the Secret. */
  readonly namespace: Namespace;
  /** Has at least the keys `username` and `password`. */
  readonly secretName: string;
  /** A Pulumi secret. */
  readonly password: Output<string>;
  /** Digest of the password. Not a Pulumi secret, so that previews show the pods that it restarts. */
  readonly checksum: Output<string>;
}
