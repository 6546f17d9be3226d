import { expect, it } from 'vitest';
import { runClient } from './run-client.js';

/** Runs a shell that says this on stderr and fails. */
const failing = (words: string): Promise<string> =>
  runClient('sh', ['-c', 'printf %s "$1" >&2; exit 3', 'sh', words], {
    timeoutMs: 60_000,
    signal: new AbortController().signal,
  });

it.each([
  [
    'gcc',
    'p.cc:1:10: fatal error: memory: No such file or directory\n  1 | #include <memory>\ncompilation terminated.\n',
    'p.cc:1:10: fatal error: memory: No such file or directory',
  ],
  [
    'npm',
    'npm error code ECONNREFUSED\nnpm error\nnpm error network is down\nnpm error A complete log of this run can be found in: /x.log\n',
    'npm error code ECONNREFUSED; npm error network is down',
  ],
  [
    'pip',
    "WARNING: Retrying after NewConnectionError('refused')\nERROR: No matching distribution found for it\n",
    "WARNING: Retrying after NewConnectionError('refused'); ERROR: No matching distribution found for it",
  ],
  ['a program without a form', 'one\ntwo\n', 'two'],
  ['a program without a word', '', 'sh ended with 3'],
])('says why %s failed', async (_program, words, why) => {
  await expect(failing(words)).rejects.toThrow(new Error(why));
});
