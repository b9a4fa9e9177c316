/**
 * gRPC as Pulumi's engine speaks it with its plugins. CommonJS packages are loaded with `require`: `import` would first read half a
 * megabyte of generated code for export names, at every start.
 */
import type * as Grpc from "@grpc/grpc-js";
import { createRequire } from "node:module";

export const grpc = createRequire(import.meta.url)("@grpc/grpc-js") as typeof Grpc;

/** A server that takes and sends messages of any size: a stack's state has no limit. */
export const newServer = (): Grpc.Server =>
  new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });

/** Begins to serve on a free port of the loopback interface, and returns the port. */
export function listen(server: Grpc.Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}

/** How an error reaches the person at the terminal: as its message. */
export const failure = (error: unknown): Partial<Grpc.ServiceError> => ({
  code: grpc.status.UNKNOWN,
  details: error instanceof Error ? error.message : String(error),
});

/** A method from a function of its request; what the function throws becomes the answer's error. */
export function unary<Request, Answer>(
  answer: (request: Request) => Answer | Promise<Answer>,
  toError = failure,
): Grpc.handleUnaryCall<Request, Answer> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => answer(call.request))
      .then(
        (value) => callback(null, value),
        (error: unknown) => callback(toError(error)),
      );
  };
}
