import type { Address } from "./address.ts";

/**
 * How a client connects to a store. The stack's output `stores` is a list of these: `npm start`, `npm run connect` and
 * `npm run status` read it, and so may any program, by a StackReference.
 */
export interface Connection extends Address {
  /** Identifies the connection, and names it on command lines: `postgres`, `postgres-primary`, `redis`, ... */
  readonly name: string;
  /** For people, such as "PostgreSQL, primary". */
  readonly title: string;
  readonly namespace: string;
  /** The Service in that namespace. Its port is {@link port}. */
  readonly service: string;
  readonly credential: {
    readonly namespace: string;
    /** The Secret's name. */
    readonly secret: string;
    /** Keys of the Secret. A store without users has no key for the user's name. */
    readonly keys: { readonly username?: string; readonly password: string };
  };
  /** A pod that has the store's own client, as kubectl names it, such as `service/nx-redis`, and the container in it. */
  readonly client?: { readonly pod: string; readonly container: string };
  /** Set when a forwarded port reaches one node only, which refers clients to the other nodes by names that only the cluster resolves. */
  readonly onlyInCluster?: boolean;
}
