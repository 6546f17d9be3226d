import { spawn } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { BIN_PATH } from './bin-path.js';
import { LateValues } from './parent-process.js';

describe('values that come late', () => {
  it('are the options themselves unless those are "-"', async () => {
    expect(await new LateValues(new PassThrough()).of('10.0.0.5:7070')).toBe('10.0.0.5:7070');
  });

  it('are lines of standard input in order, in however many pieces and however early they come', async () => {
    const input = new PassThrough();
    const late = new LateValues(input);
    const first = late.of('-');
    for (const piece of ['127.0.', '0.1:7', '070\nsecond', ' line\nthird\n']) input.write(piece);
    expect(await first).toBe('127.0.0.1:7070');
    expect(await late.of('-')).toBe('second line');
    expect(await late.of('-')).toBe('third');
  });
});

describe('a process that ends with its parent', () => {
  it.each(['coordinator', 'worker'])('%s ends while it still waits for an address', async (verb) => {
    const args = verb === 'worker' ? ['--server', '-'] : ['--nats', '-'];
    const child = spawn(process.execPath, [BIN_PATH, verb, ...args, '--exit-with-parent', '--log-level', 'silent'], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const code = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(child.exitCode).toBeNull();
    child.stdin?.end();
    expect(await code).toBe(0);
  });
});
