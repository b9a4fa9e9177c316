/** What a client is told instead of what it asked for. */
export class Failure extends Error {
  readonly status: number;

  /** @param status of HTTP; together with `message` as Typesense would say it */
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** For what Typesense can do and this server cannot: said aloud, so that nobody takes it for Typesense's own answer. */
export function notInStandIn(what: string): Failure {
  return new Failure(501, `${what}: this is a stand-in for Typesense, which does not know it.`);
}
