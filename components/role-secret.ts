import * as pulumi from "@pulumi/pulumi";
import { postgresqlUri } from "./contract/credential.ts";
import { CredentialSecret } from "./credential-secret.ts";
import type { CredentialSecretArgs } from "./credential-secret.ts";
import type { Namespace } from "./names.ts";

export interface RoleSecretArgs extends Pick<CredentialSecretArgs, "labels" | "type"> {
  readonly namespace: Namespace;
  readonly role: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** A changed number generates a new password. */
  readonly passwordVersion: number;
}

/** The generated password of a database role, and its Secret for clients (keys named as in CloudNativePG). */
export class RoleSecret extends CredentialSecret {
  constructor(name: string, args: RoleSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    const { role, host, port, database, ...secret } = args;
    const keys = (password: pulumi.Output<string>) => ({
      host,
      port: String(port),
      dbname: database,
      uri: postgresqlUri({ username: role, password }, { host, port }, database),
      "jdbc-uri": pulumi.interpolate`jdbc:postgresql://${host}:${port}/${database}?user=${role}&password=${password}`,
      pgpass: pulumi.interpolate`${host}:${port}:${database}:${role}:${password}\n`,
    });
    super("bana:data:RoleSecret", name, { ...secret, username: role, keys }, opts);
  }
}
