import { PassThrough } from 'node:stream';
import { LockstepError } from '@lockstep/protocol/core';
import { expect, it } from 'vitest';
import { renderFailure } from './failure.js';

const HOSTILE = '\u001b[2J\u009b31m\u202eevil\r\nfix: rm';

it('a failure lets no control character of the data through to the terminal', () => {
  const problem = { code: 'DATA_VALUE', path: HOSTILE, message: HOSTILE, suggestion: HOSTILE, value: HOSTILE } as const;
  const told = [[], [problem]].map((problems) => {
    const stream = new PassThrough();
    const all = { message: HOSTILE, field: HOSTILE, value: HOSTILE, fix: HOSTILE, problems };
    renderFailure(new LockstepError('DATA_VALUE', all), stream);
    return String(stream.read());
  });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const own = told.map((text) => text.replace(/\u001b\[\d+m/g, ''));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  for (const text of own) expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(own.map((text) => text.match(/\n/g)?.length)).toEqual([4, 5]);
  expect(own[0]).toContain('fix   \\u001b[2J\\u009b31m\\u202eevil\\r\\nfix: rm');
});
