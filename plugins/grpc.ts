/**
 * gRPC between Pulumi's engine and its plugins. Loads CommonJS packages with `require`: at every start, `import` would
 * first scan half a megabyte of generated code for export names.
 */
import type * as Grpc from "@grpc/grpc-js";
import { createRequire } from "node:module";

export const grpc = createRequire(import.meta.url)("@grpc/grpc-js") as typeof Grpc;

/** A server without message size limits: a stack's state can have any size. */
export const newServer = (): Grpc.Server =>
  new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });

/** Starts the server on a free port of 127.0.0.1, and resolves with the port. */
export function listen(server: Grpc.Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}

/** Converts an error to a gRPC status; the engine shows its message to the user. */
export const toServiceError = (error: unknown): Partial<Grpc.ServiceError> => ({
  code: grpc.status.UNKNOWN,
  details: error instanceof Error ? error.message : String(error),
});

/** A unary gRPC method from a handler. An error of the handler becomes the call's error. */
export function unary<Request, Response>(
  handler: (request: Request) => Response | Promise<Response>,
  toError = toServiceError,
): Grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => handler(call.request))
      .then(
        (value) => callback(null, value),
        (error: unknown) => callback(toError(error)),
      );
  };
}
