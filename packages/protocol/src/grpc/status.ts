/** Errors on the wire: a LockstepError as google.rpc.Status in the trailer `grpc-status-details-bin`, and back. */
import * as grpc from '@grpc/grpc-js';
import { CATALOGUE, type ErrorCode } from '../errors/catalogue.js';
import { type ErrorProblem, LockstepError } from '../errors/lockstep-error.js';
import { MAX_STATUS_BYTES, MAX_STATUS_TEXT, MAX_VIOLATIONS } from '../limits.js';
import { decodeStatus, encodeStatus, type StatusDetails } from './status-proto.js';

/** The trailer that carries the details. */
export const STATUS_TRAILER = 'grpc-status-details-bin';

/** Domain of every ErrorInfo of this product. */
export const ERROR_DOMAIN = 'lockstep';

/** Any thrown value as the error that grpc-js sends: status, ErrorInfo and at most 20 field violations. */
export function toServiceError(thrown: unknown): grpc.ServiceError {
  const error = LockstepError.from(thrown);
  const code = grpc.status[error.entry.status];
  const metadata = new grpc.Metadata();
  metadata.set(STATUS_TRAILER, Buffer.from(fittingStatus(error, code)));
  const details = cut(error.message);
  return Object.assign(new Error(details, { cause: error }), { code, details, metadata });
}

/** An error of a call as a LockstepError; without details the status decides. */
export function fromServiceError(thrown: unknown): LockstepError {
  if (thrown instanceof LockstepError) return thrown;
  if (!isServiceError(thrown)) return LockstepError.from(thrown);
  const [trailer] = thrown.metadata?.get(STATUS_TRAILER) ?? [];
  const details = Buffer.isBuffer(trailer) ? tryDecode(trailer) : null;
  if (details && details.domain === ERROR_DOMAIN && details.reason in CATALOGUE) return fromDetails(details, thrown);
  return new LockstepError(codeOfStatus(thrown.code), { message: thrown.details || thrown.message, cause: thrown });
}

/**
 * Calls a unary method with a deadline.
 * @param method name in camel case, for example "submitJob"
 * @throws LockstepError as the server sent it, SERVER_UNREACHABLE or DEADLINE
 */
export function unary<Request, Response>(
  client: grpc.Client,
  method: string,
  request: Request,
  options: { readonly deadlineMs: number; readonly metadata?: grpc.Metadata },
): Promise<Response> {
  type Method = (
    request: Request,
    metadata: grpc.Metadata,
    options: grpc.CallOptions,
    callback: (error: grpc.ServiceError | null, response?: Response) => void,
  ) => grpc.ClientUnaryCall;
  const call = (client as unknown as Record<string, Method | undefined>)[method];
  if (!call) throw new Error(`the client has no method ${method}`);
  return new Promise((resolve, reject) => {
    const { metadata = new grpc.Metadata() } = options;
    call.call(client, request, metadata, { deadline: Date.now() + options.deadlineMs }, (error, response) => {
      if (error) reject(fromServiceError(error));
      else if (response === undefined)
        reject(new LockstepError('PROTOCOL_VIOLATION', { message: `${method}: no answer` }));
      else resolve(response);
    });
  });
}

function fittingStatus(error: LockstepError, code: number): Uint8Array {
  for (let count = Math.min(error.problems.length, MAX_VIOLATIONS); ; count = Math.floor(count / 2)) {
    const bytes = encodeStatus(toDetails(error, code, error.problems.slice(0, count)));
    if (bytes.length <= MAX_STATUS_BYTES || count === 0) return bytes;
  }
}

function toDetails(error: LockstepError, code: number, problems: readonly ErrorProblem[]): StatusDetails {
  const metadata: Record<string, string> = {
    field: cut(error.field),
    value: cut(error.value),
    fix: cut(error.fix),
  };
  problems.forEach((problem, index) => {
    const { line, column, suggestion, value } = problem;
    metadata[`violation${index}`] = JSON.stringify({
      ...(line === undefined ? {} : { line }),
      ...(column === undefined ? {} : { column }),
      ...(suggestion === undefined ? {} : { suggestion: cut(suggestion) }),
      ...(value === undefined ? {} : { value: cut(value) }),
    });
  });
  return {
    code,
    message: cut(error.message),
    reason: error.code,
    domain: ERROR_DOMAIN,
    metadata,
    violations: problems.map((problem) => ({
      field: cut(problem.path),
      description: cut(problem.message),
      reason: problem.code,
    })),
  };
}

function fromDetails(details: StatusDetails, cause: unknown): LockstepError {
  const { field, value, fix } = details.metadata;
  const problems = details.violations.map((violation, index): ErrorProblem => {
    const code = violation.reason in CATALOGUE ? (violation.reason as ErrorCode) : 'INTERNAL';
    const position = parsePosition(details.metadata[`violation${index}`]);
    return { path: violation.field, code, message: violation.description, ...position };
  });
  return new LockstepError(details.reason as ErrorCode, {
    message: details.message,
    ...(field ? { field } : {}),
    ...(value ? { value } : {}),
    ...(fix === undefined ? {} : { fix }),
    problems,
    cause,
  });
}

function parsePosition(text: string | undefined): Partial<ErrorProblem> {
  if (text === undefined) return {};
  try {
    const { line, column, suggestion, value } = JSON.parse(text) as Record<string, unknown>;
    return {
      ...(typeof line === 'number' ? { line } : {}),
      ...(typeof column === 'number' ? { column } : {}),
      ...(typeof suggestion === 'string' ? { suggestion } : {}),
      ...(typeof value === 'string' ? { value } : {}),
    };
  } catch {
    return {};
  }
}

function tryDecode(bytes: Uint8Array): StatusDetails | null {
  try {
    return decodeStatus(bytes);
  } catch {
    return null;
  }
}

function isServiceError(thrown: unknown): thrown is grpc.ServiceError {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'number' && 'details' in thrown;
}

function codeOfStatus(status: grpc.status): ErrorCode {
  switch (status) {
    case grpc.status.UNAVAILABLE:
      return 'SERVER_UNREACHABLE';
    case grpc.status.DEADLINE_EXCEEDED:
      return 'DEADLINE';
    case grpc.status.CANCELLED:
      return 'INTERRUPTED';
    case grpc.status.UNIMPLEMENTED:
      return 'UNIMPLEMENTED';
    case grpc.status.UNAUTHENTICATED:
      return 'UNAUTHENTICATED';
    case grpc.status.RESOURCE_EXHAUSTED:
      return 'LIMIT_EXCEEDED';
    default:
      return 'INTERNAL';
  }
}

const LONE_SURROGATE = /\p{Surrogate}/gu;

/** Half a character, as of a pair that was cut apart, cannot be sent: gRPC would throw where nobody catches. */
function cut(text: string): string {
  const short = text.length <= MAX_STATUS_TEXT ? text : `${text.slice(0, MAX_STATUS_TEXT - 1)}…`;
  return short.replace(LONE_SURROGATE, '\ufffd');
}
