import * as grpc from '@grpc/grpc-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, type ErrorCode } from '../errors/catalogue.js';
import { LockstepError } from '../errors/lockstep-error.js';
import { MAX_STATUS_BYTES } from '../limits.js';
import { fromServiceError, STATUS_TRAILER, toServiceError } from './status.js';

const codes = fc.constantFrom(...(Object.keys(CATALOGUE) as ErrorCode[]));
const text = fc.string({ minLength: 1, maxLength: 60 });
const position = fc.integer({ min: 1, max: 1_000_000 });
const problems = fc.array(
  fc.record(
    { path: text, code: codes, message: text, line: position, column: position, suggestion: text, value: text },
    { requiredKeys: ['path', 'code', 'message'] },
  ),
  { maxLength: 10 },
);

describe('errors on the wire', () => {
  it.each([0, 1])('are texts that can be sent, wherever they are cut apart: %i', (shift) => {
    const jobId = `${'a'.repeat(shift)}${'\u{1f600}'.repeat(2000)}`;
    const { details } = toServiceError(new LockstepError('JOB_NOT_FOUND', { message: `no ${jobId}`, value: jobId }));
    expect(encodeURI(details ?? '').length).toBeGreaterThan(1000);
    const half = toServiceError(new LockstepError('JOB_NOT_FOUND', { message: 'no \ud83d' }));
    expect(half.details).toBe('no \ufffd');
  });

  it('come back with code, message, field, value, fix and problems', () => {
    fc.assert(
      fc.property(codes, text, text, text, text, problems, (code, message, field, value, fix, list) => {
        const error = new LockstepError(code, { message, field, value, fix, problems: list });
        const back = fromServiceError(toServiceError(error));
        expect(back.toJSON()).toEqual(error.toJSON());
      }),
      { numRuns: 200 },
    );
  });

  it('carry the status of the catalogue', () => {
    const sent = toServiceError(new LockstepError('JOB_NOT_FOUND', { message: 'There is no job x.' }));
    expect(sent.code).toBe(grpc.status.NOT_FOUND);
    expect(sent.details).toBe('There is no job x.');
  });

  it('stay small: at most 20 violations and 6 KiB', () => {
    const list = Array.from({ length: 100 }, (_, index) => ({
      path: `model[${index}]`,
      code: 'SPEC_VALUE' as const,
      message: 'x'.repeat(5_000),
    }));
    const sent = toServiceError(new LockstepError('SPEC_INVALID', { problems: list }));
    expect((sent.metadata.get(STATUS_TRAILER)[0] as Buffer).length).toBeLessThanOrEqual(MAX_STATUS_BYTES);
    const few = list.map((problem) => ({ ...problem, message: 'x' }));
    const back = fromServiceError(toServiceError(new LockstepError('SPEC_INVALID', { problems: few })));
    expect(back.problems.map((problem) => problem.path)).toEqual(few.slice(0, 20).map((problem) => problem.path));
  });

  it('become a code by status when the peer sent no details', () => {
    const bare = (code: grpc.status): grpc.ServiceError =>
      Object.assign(new Error('text'), { code, details: 'text', metadata: new grpc.Metadata() });
    expect(fromServiceError(bare(grpc.status.UNAVAILABLE)).code).toBe('SERVER_UNREACHABLE');
    expect(fromServiceError(bare(grpc.status.DEADLINE_EXCEEDED)).code).toBe('DEADLINE');
    expect(fromServiceError(bare(grpc.status.DATA_LOSS)).code).toBe('INTERNAL');
  });

  it('survive damaged details', () => {
    const sent = toServiceError(new LockstepError('DEADLINE'));
    sent.metadata.set(STATUS_TRAILER, Buffer.from([0xff, 0x01, 0x02]));
    expect(fromServiceError(sent).code).toBe('DEADLINE');
  });
});
