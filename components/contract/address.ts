/** A server's address, valid in every namespace of the cluster. */
export interface Address {
  /** DNS name in the cluster. */
  readonly host: string;
  /** Port of the Service, not of the pods. */
  readonly port: number;
}

/** "HOST:PORT" */
export const hostAndPort = ({ host, port }: Address): string => `${host}:${String(port)}`;
