/** Unary handlers from promises. */
import type * as grpc from '@grpc/grpc-js';
import { toServiceError } from '@lockstep/protocol';

/** A unary handler that answers what a promise gives, or its error. */
export function answer<Request, Response>(
  handle: (request: Request, call: grpc.ServerUnaryCall<Request, Response>) => Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => handle(call.request, call))
      .then(
        (response) => callback(null, response),
        (thrown: unknown) => callback(toServiceError(thrown)),
      );
  };
}
