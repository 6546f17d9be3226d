import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { probeNative } from './probe.js';

/** A package with code of the test's own. @returns what a probe of it says */
function probeOf(code: string, timeoutMs?: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-probe-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const entry = join(folder, 'index.js');
  writeFileSync(entry, code);
  return probeNative({ entry }, 'auto', timeoutMs).then(JSON.stringify, (thrown: Error) => thrown.message);
}

it.each<[string, string, number | undefined, RegExp]>([
  ['hangs', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);', 1000, /^it did not answer within 1 s$/],
  ['crashes', "process.kill(process.pid, 'SIGSEGV');", undefined, /^it was ended by SIGSEGV$/],
  [
    'ends itself with a word',
    "require('node:fs').writeSync(2, 'terminate called\\nout of range\\n'); process.kill(process.pid, 'SIGABRT');",
    undefined,
    /^it was ended by SIGABRT: out of range$/,
  ],
  ['throws', "throw new TypeError('no CUDA');", undefined, /^no CUDA$/],
  ['ends without a word', 'process.exit(3);', undefined, /^it ended with 3$/],
  ['says nothing', 'process.exit(0);', undefined, /JSON/],
])('a build that %s is refused with the reason', async (_what, code, timeoutMs, why) => {
  expect(await probeOf(code, timeoutMs)).toMatch(why);
});
