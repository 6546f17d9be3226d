/** What comes of a request. */
import { afterEach, expect, it, vi } from 'vitest';
import { pauseAfter, RequestError, request } from './api.js';

afterEach(() => void vi.unstubAllGlobals());

it.each([
  ['{"state": "JOB_STA', 200, { status: 0, failure: { code: 'UNREACHABLE' } }],
  ['<html>', 502, { status: 502, failure: { code: 'HTTP_502' } }],
  ['{"code": "JOB_NOT_FOUND", "fix": "See jobs."}', 404, { status: 404, failure: { code: 'JOB_NOT_FOUND' } }],
])('%s with status %i is an error', async (body, status, error) => {
  vi.stubGlobal('fetch', async () => new Response(body, { status }));
  const thrown: unknown = await request('GET', '/api/jobs/a').catch((reason: unknown) => reason);
  expect(thrown).toBeInstanceOf(RequestError);
  expect(thrown).toMatchObject(error);
});

it('an answer without a body is one', async () => {
  vi.stubGlobal('fetch', async () => new Response(null, { status: 204 }));
  expect(await request('DELETE', '/api/session')).toBeNull();
});

it('pauses double, to ten seconds', () => {
  expect([1, 2, 3, 4, 5, 50].map(pauseAfter)).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000]);
});
