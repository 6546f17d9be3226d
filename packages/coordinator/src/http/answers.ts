/** Answers of the HTTP server: their heads, and errors as JSON or text. None repeats what was asked. */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { CatalogueEntry, LockstepError } from '@lockstep/protocol/core';
import type { AuditEntry } from '../doors/audit-log.js';

/** What every answer says to browsers, whatever is in it. */
const GUARDS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** Of answers that are no page: nothing of them is ever run or framed, or kept by a browser. */
const NO_PAGE = {
  ...GUARDS,
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
} as const;

/** Of pages and what they load. */
export const PAGE_GUARDS = {
  ...GUARDS,
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy':
    'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()',
  'x-frame-options': 'DENY',
} as const;

/** Answers a line of text. */
export function respond(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...NO_PAGE, 'content-type': 'text/plain; charset=utf-8' }).end(text);
}

/** Answers JSON; numbers that it does not have are texts: "NaN", "Infinity", "-Infinity". */
export function respondJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: OutgoingHttpHeaders = {},
): void {
  const type = { 'content-type': 'application/json; charset=utf-8' };
  response.writeHead(status, { ...NO_PAGE, ...type, ...headers }).end(`${jsonOf(value)}\n`);
}

/** Answers nothing but that it was done. */
export function respondDone(response: ServerResponse, headers: OutgoingHttpHeaders): void {
  response.writeHead(204, { ...NO_PAGE, ...headers }).end();
}

/** Begins an answer of events that goes on. */
export function beginEvents(response: ServerResponse): void {
  // A proxy in between must pass on each event at once.
  response.writeHead(200, { ...NO_PAGE, 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
}

/** The text of a value. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_key, held: unknown) =>
    typeof held === 'number' && !Number.isFinite(held) ? String(held) : held,
  );
}

/** Answers an error. @param status @default what its code stands for */
export function respondError(response: ServerResponse, error: LockstepError, status = httpStatusOf(error)): void {
  const { code, message, fix } = error;
  if (status === 401) response.setHeader('www-authenticate', 'Bearer realm="lockstep"');
  // What went wrong inside is for the log of the coordinator.
  respondJson(response, status, { code, message: code === 'INTERNAL' ? error.entry.message : message, fix });
}

/** By the gRPC status of an error. */
const HTTP_STATUS: Readonly<Record<CatalogueEntry['status'], number>> = {
  INVALID_ARGUMENT: 400,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  FAILED_PRECONDITION: 409,
  UNAVAILABLE: 503,
  RESOURCE_EXHAUSTED: 429,
  DEADLINE_EXCEEDED: 504,
  ABORTED: 409,
  CANCELLED: 503,
  INTERNAL: 500,
  UNIMPLEMENTED: 501,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  DATA_LOSS: 500,
};

/** The HTTP status of an error. */
export function httpStatusOf({ code, entry }: LockstepError): number {
  // Beyond a bound of the message itself, which is no matter of patience.
  return code === 'LIMIT_EXCEEDED' ? 400 : HTTP_STATUS[entry.status];
}

/** What a status means in the audit log. */
export function outcomeOf(status: number): AuditEntry['outcome'] {
  if (status < 400) return 'allowed';
  return status === 401 || status === 403 ? 'denied' : 'failed';
}
