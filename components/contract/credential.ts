import type { Output } from "@pulumi/pulumi";
import type { Namespace } from "../names.ts";

/** A login of a store: the user, the password, and the Secret in which clients find them. */
export interface Credential {
  readonly username: string;
  /** Namespace of the Secret: that of the user's clients. */
  readonly namespace: Namespace;
  /** Has at least the keys `username` and `password`. */
  readonly secretName: string;
  /** Secret. */
  readonly password: Output<string>;
  /** Changes with the password and reveals nothing about it. Not secret, so that previews show the pods that it restarts. */
  readonly checksum: Output<string>;
}
