/** Requests to the coordinator. */
import { type Failure, readFailure } from '../core/wire.js';

/** Long enough for a coordinator that is busy. */
const PATIENCE_MS = 20_000;

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
  const answer: unknown = response.status === 204 ? null : await response.json().catch(() => null);
  if (response.ok) return answer;
  const failure = readFailure(answer);
  const message = failure.message || `The coordinator answered with status ${response.status}.`;
  throw new RequestError(response.status, { ...failure, code: failure.code || `HTTP_${response.status}`, message });
}

/** What went wrong, for people. */
export function failureOf(thrown: unknown): Failure {
  return thrown instanceof RequestError ? thrown.failure : { code: 'PAGE_ERROR', message: String(thrown), fix: '' };
}
