import type { Address } from "./address.ts";

/**
 * How a client connects to a store. The stack output `stores` is a list of these, for `npm start`, `npm run connect`,
 * `npm run status` and, through a StackReference, other programs.
 */
export interface Connection extends Address {
  /** Identifies the connection on command lines: `postgres`, `postgres-primary`, `redis`, ... */
  readonly name: string;
  /** Display name, such as "PostgreSQL, primary". */
  readonly title: string;
  readonly namespace: string;
  /** The Service in that namespace. Its port is {@link port}. */
  readonly service: string;
  readonly credential: {
    readonly namespace: string;
    /** The Secret's name. */
    readonly secret: string;
    /** Keys of the Secret; no `username` for a store without users. */
    readonly keys: { readonly username?: string; readonly password: string };
  };
  /** Pod with the store's client, in kubectl notation such as `service/nx-redis`, and the container in it. */
  readonly client?: { readonly pod: string; readonly container: string };
  /** A forwarded port is not enough: the node refers clients to other nodes by DNS names of the cluster. */
  readonly onlyInCluster?: boolean;
}
