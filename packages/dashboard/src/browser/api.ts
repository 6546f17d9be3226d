/** Requests to the coordinator. */
import { type Failure, readFailure } from '../core/wire.js';

/** Long enough for a coordinator that is busy. */
const PATIENCE_MS = 20_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;

/** A request that was not answered as wanted. */
export class RequestError extends Error {
  /** HTTP status; 0 where nothing answered. */
  readonly status: number;
  readonly failure: Failure;

  constructor(status: number, failure: Failure) {
    super(failure.message);
    this.status = status;
    this.failure = failure;
  }
}

/** Whether nothing is gained by asking again: who asks may not, or there is no such thing. */
export function isRefusal({ status }: RequestError): boolean {
  return [401, 403, 404].includes(status);
}

/** How long to wait before the next try. @param failures how many there were in a row, from 1 @returns milliseconds */
export function pauseAfter(failures: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
}

/** Asks. @param body sent as JSON @returns the answer's JSON, null of one without @throws RequestError */
export async function request(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<unknown> {
  const sent = body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {};
  const response = await fetch(path, { method, signal: AbortSignal.timeout(PATIENCE_MS), ...sent }).catch(() => {
    throw new RequestError(0, {
      code: 'UNREACHABLE',
      message: 'The coordinator does not answer.',
      fix: 'See that it runs, then try again.',
    });
  });
  const answer: unknown = response.status === 204 ? null : await response.json().catch(() => undefined);
  if (response.ok && answer !== undefined) return answer;
  if (response.ok) {
    throw new RequestError(0, {
      code: 'UNREACHABLE',
      message: "The coordinator's answer was cut off.",
      fix: 'Try again; behind a proxy, see that it passes answers on whole.',
    });
  }
  const failure = readFailure(answer);
  const message = failure.message || `The coordinator answered with status ${response.status}.`;
  throw new RequestError(response.status, { ...failure, code: failure.code || `HTTP_${response.status}`, message });
}

/** What went wrong, for people. */
export function failureOf(thrown: unknown): Failure {
  return thrown instanceof RequestError ? thrown.failure : { code: 'PAGE_ERROR', message: String(thrown), fix: '' };
}
