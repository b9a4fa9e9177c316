import { serviceHost, type Namespace } from "../names.ts";
import type { Address } from "./address.ts";
import type { Credential } from "./credential.ts";

/**
 * How a client connects to a store. The stack's output `stores` is a list of these: `npm start`, `npm run connect` and
 * `npm run status` read it, and any other program can, through a StackReference.
 */
export interface Connection extends Address {
  /** Identifies the connection, also on command lines: `postgres`, `redis`, ... */
  readonly name: string;
  /** For people, such as "PostgreSQL, primary". */
  readonly title: string;
  readonly protocol: "postgresql" | "redis-cluster" | "kafka" | "http";
  readonly namespace: Namespace;
  /** Name of the Service in that namespace. */
  readonly service: string;
  /** Where the login is. Unset: the store requires none. */
  readonly credential?: {
    readonly namespace: Namespace;
    /** Name of the Secret. */
    readonly secret: string;
    /** Keys of the Secret. A store without users has no key for a user name. */
    readonly keys: { readonly username?: string; readonly password: string };
    /** Name of the HTTP header that carries the password. */
    readonly header?: string;
  };
  /** A pod with the store's own client, as kubectl names it (`service/nx-redis`), and the container in it. */
  readonly client?: {
    readonly pod: string;
    readonly container: string;
    /** Name of the client's script in `launcher/connect/`. @default the protocol's */
    readonly script?: string;
    /** Set if the Service's pods share no state: a given command runs in each of them. */
    readonly everyPod?: boolean;
  };
  /** What `npm run status` runs to find the store's problems. */
  readonly check?: Check | readonly Check[];
  /** Set if a forwarded port reaches one node only, which redirects clients to nodes whose names resolve only in the cluster. */
  readonly redirectsToNodes?: boolean;
}

/**
 * A program in a pod that prints each problem of a store on a line of its own, with the command that fixes it, and exits
 * 1 if there is any.
 */
export interface Check {
  /** @default the connection's */
  readonly namespace?: Namespace;
  /** As kubectl names it: `service/nx-redis`. */
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
}

/** The connection through a Service. */
export const connectionTo = (service: Omit<Connection, "host">): Connection => ({
  ...service,
  host: serviceHost(service.service, service.namespace),
});

/** Where clients find a login. */
export const credentialFor = ({ namespace, secretName }: Credential): NonNullable<Connection["credential"]> => ({
  namespace,
  secret: secretName,
  keys: { username: "username", password: "password" },
});
