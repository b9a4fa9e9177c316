/** Where a server is reached from every namespace of the cluster. */
export interface Address {
  /** Name in the cluster's DNS. */
  readonly host: string;
  /** Port of the Service, not of the pods. */
  readonly port: number;
}

/** "HOST:PORT" */
export const hostAndPort = ({ host, port }: Address): string => `${host}:${String(port)}`;
