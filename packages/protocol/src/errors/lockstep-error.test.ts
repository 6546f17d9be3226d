import { describe, expect, it } from 'vitest';
import { CATALOGUE } from './catalogue.js';
import { LockstepError } from './lockstep-error.js';

describe('a LockstepError', () => {
  it('falls back to the catalogue for message and fix', () => {
    const error = new LockstepError('DATA_EMPTY');
    expect(error.message).toBe(CATALOGUE.DATA_EMPTY.message);
    expect(error.fix).toBe(CATALOGUE.DATA_EMPTY.remedy);
    expect(error.entry).toBe(CATALOGUE.DATA_EMPTY);
    expect(error).toMatchObject({ name: 'LockstepError', field: '', value: '', problems: [] });
    expect('cause' in error).toBe(false);
  });

  it('keeps what the place that throws knows, and its cause', () => {
    const cause = new Error('ENOENT');
    const context = { message: 'No file a.csv.', field: 'data.path', value: 'a.csv', fix: 'Write b.csv.', cause };
    const error = new LockstepError('DATA_NOT_FOUND', context);
    expect(error.cause).toBe(cause);
    expect(error.toJSON()).toEqual({
      code: 'DATA_NOT_FOUND',
      field: 'data.path',
      value: 'a.csv',
      message: 'No file a.csv.',
      fix: 'Write b.csv.',
    });
  });

  it('lists its problems in JSON only when there are some', () => {
    const problems = [{ path: 'train.epochs', line: 3, column: 1, code: 'SPEC_VALUE', message: 'is -1' }] as const;
    expect(new LockstepError('SPEC_INVALID', { problems }).toJSON().problems).toEqual(problems);
    expect('problems' in new LockstepError('SPEC_INVALID').toJSON()).toBe(false);
  });

  it('is made from anything thrown: itself, another error, a text', () => {
    const error = new LockstepError('FENCED');
    expect(LockstepError.from(error)).toBe(error);
    const other = new TypeError('x is undefined');
    expect(LockstepError.from(other)).toMatchObject({ code: 'INTERNAL', message: 'x is undefined', cause: other });
    expect(LockstepError.from('gone')).toMatchObject({ code: 'INTERNAL', message: 'gone', cause: 'gone' });
  });
});
