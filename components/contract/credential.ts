import { interpolate, type Output } from "@pulumi/pulumi";
import type { Namespace } from "../names.ts";
import type { Address } from "./address.ts";

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

/** A libpq connection string; a Pulumi secret. */
export const postgresqlUri = (
  { username, password }: Pick<Credential, "username" | "password">,
  { host, port }: Address,
  database: string,
): Output<string> => interpolate`postgresql://${username}:${password}@${host}:${port}/${database}`;
